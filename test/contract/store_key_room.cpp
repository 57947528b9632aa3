#include "key_driver.hpp"
#include "store_cases.hpp"

// There is room for so many keys, and those that ended long ago make room for others.

namespace smsbcast::test {

namespace {

constexpr int kMostNumber = static_cast<int>(StoreFixture::kMostKeys);

void make_keys(KeyDriver& driver, int first, int last) {
    for (int number = first; number <= last; ++number)
        driver.insert(numbered_key(number));
}

void takes_no_more_than_there_is_room_for(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    make_keys(driver, 1, kMostNumber);
    const auto before = driver.list();
    CHECK(driver.try_insert(numbered_key(100)).error() == Errc::refused);
    CHECK(driver.try_rotate(numbered_key(1).prefix, numbered_key(100), kLong).error() == Errc::refused);
    CHECK(driver.list() == before);
    driver.revoke(numbered_key(2).prefix); // it is still shown, and so takes room
    CHECK(driver.try_insert(numbered_key(100)).error() == Errc::refused);
}

void forgets_keys_that_ended_long_ago(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    auto expiring = numbered_key(1);
    expiring.expires_at = from_now(kLong);
    driver.insert(expiring);
    make_keys(driver, 2, kMostNumber);
    const auto revoked = numbered_key(2).prefix;
    driver.revoke(revoked);
    fixture.pass(KeyStore::kKeptAfterEnd - kLong);
    CHECK(driver.try_insert(numbered_key(100)).error() == Errc::refused);

    fixture.pass(kLong + kLong / 2);
    driver.insert(numbered_key(100));
    CHECK(driver.try_get(revoked).error() == Errc::not_found);
    CHECK(driver.get(expiring.prefix).expires_at);
    CHECK(driver.try_insert(numbered_key(101)).error() == Errc::refused);

    // Of its two ends the earlier one counts.
    driver.revoke(expiring.prefix);
    fixture.pass(kLong);
    const auto again = driver.insert(numbered_key(1));
    CHECK(driver.get(again.prefix) == again);
    CHECK(driver.is_live(again.prefix));
    CHECK(driver.list().size() == StoreFixture::kMostKeys);
}

void forgets_keys_when_one_is_rotated(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    make_keys(driver, 1, kMostNumber);
    const auto revoked = numbered_key(2).prefix;
    driver.revoke(revoked);
    fixture.pass(KeyStore::kKeptAfterEnd + kLong);
    const auto made = driver.rotate(numbered_key(1).prefix, numbered_key(100), kLong);
    CHECK(driver.try_get(revoked).error() == Errc::not_found);
    CHECK(driver.is_live(made.prefix));
    CHECK(driver.is_live(numbered_key(1).prefix));
}

void takes_no_more_from_many_sides(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    make_keys(driver, 1, kMostNumber - 3);
    std::vector<boost::asio::awaitable<Result<ApiKey>>> calls;
    for (int number = 100; number < 110; ++number)
        calls.push_back(fixture.keys().insert(numbered_key(number), fixture.deadline()));
    int made = 0;
    for (const auto& result : fixture.run_all(std::move(calls))) {
        made += result ? 1 : 0;
        CHECK((result || result.error() == Errc::refused));
    }
    CHECK(made == 3);
    CHECK(driver.list().size() == StoreFixture::kMostKeys);
}

constexpr StoreCase kKeyRoomCases[] = {
    {"there are no more keys than there may be", takes_no_more_than_there_is_room_for},
    {"keys that ended long ago are forgotten", forgets_keys_that_ended_long_ago},
    {"they are forgotten when another one is rotated, too", forgets_keys_when_one_is_rotated},
    {"there are no more keys than there may be when many are made at once", takes_no_more_from_many_sides},
};

} // namespace

std::span<const StoreCase> store_key_room_cases() {
    return kKeyRoomCases;
}

} // namespace smsbcast::test
