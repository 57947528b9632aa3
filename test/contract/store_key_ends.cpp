#include "key_driver.hpp"
#include "store_cases.hpp"

// How keys end: revoked, expired, or followed by others.

namespace smsbcast::test {

namespace {

void revokes_at_once(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    const auto key = driver.insert(numbered_key(1)), other = driver.insert(numbered_key(2));
    const auto before = from_now(milliseconds(0));
    const auto revoked = driver.revoke(key.prefix);
    REQUIRE(revoked.revoked_at);
    CHECK(*revoked.revoked_at >= before);
    CHECK(*revoked.revoked_at <= wall_clock());
    CHECK(driver.get(key.prefix) == revoked);
    CHECK_FALSE(driver.is_live(key.prefix));
    CHECK(driver.is_live(other.prefix));
    CHECK(driver.get(other.prefix) == other);
}

void keeps_the_first_time_of_a_revocation(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    const auto prefix = driver.insert(numbered_key(1)).prefix;
    driver.revoke(prefix);
    fixture.pass(kLong);
    const auto before = driver.get(prefix);
    CHECK(driver.revoke(prefix) == before);
    CHECK(driver.get(prefix) == before);
}

void expires_when_a_keys_time_comes(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    auto given = numbered_key(1);
    given.expires_at = from_now(kLong);
    driver.insert(given);
    const auto other = driver.insert(numbered_key(2)).prefix;
    CHECK(driver.is_live(given.prefix));
    fixture.pass(kLong);
    CHECK_FALSE(driver.is_live(given.prefix));
    CHECK(driver.is_live(other));
    CHECK_FALSE(driver.get(given.prefix).revoked_at);
    CHECK(driver.revoke(given.prefix).revoked_at);
}

void rotates_with_an_overlap(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    const auto old = driver.insert(numbered_key(1));
    auto successor = numbered_key(2);
    successor.expires_at = from_now(48 * kLong);
    const auto before = from_now(milliseconds(0));
    const auto made = driver.rotate(old.prefix, successor, kLong);
    CHECK(made.prefix == successor.prefix);
    CHECK(made.name == successor.name);
    CHECK(made.expires_at == successor.expires_at);
    CHECK(made.created_at >= before);
    CHECK(driver.get(made.prefix) == made);

    auto ending = driver.get(old.prefix);
    REQUIRE(ending.expires_at);
    CHECK(*ending.expires_at >= before + kLong);
    CHECK(*ending.expires_at <= wall_clock() + kLong);
    ending.expires_at.reset();
    CHECK(ending == old);

    const auto live = driver.live();
    CHECK(live.contains(old.prefix));
    CHECK((live.at(made.prefix).digest == successor.digest));
    fixture.pass(kLong);
    CHECK_FALSE(driver.is_live(old.prefix));
    CHECK(driver.is_live(made.prefix));
}

void prolongs_no_key_by_a_rotation(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    auto given = numbered_key(1);
    given.expires_at = from_now(kLong);
    const auto old = driver.insert(given);
    driver.rotate(old.prefix, numbered_key(2), 2 * kLong);
    CHECK(driver.get(old.prefix) == old);
    driver.rotate(old.prefix, numbered_key(3), kLong / 2);
    CHECK(driver.get(old.prefix).expires_at < old.expires_at);
    CHECK(driver.live().size() == 3);
}

void ends_a_key_at_once_without_an_overlap(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    const auto old = driver.insert(numbered_key(1)).prefix;
    const auto made = driver.rotate(old, numbered_key(2), milliseconds(0)).prefix;
    CHECK_FALSE(driver.is_live(old));
    CHECK(driver.is_live(made));
    CHECK_FALSE(driver.get(old).revoked_at);
    CHECK(driver.try_rotate(old, numbered_key(3), kLong).error() == Errc::conflict);
}

void rotates_no_key_that_has_ended(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    const auto revoked = driver.insert(numbered_key(1)).prefix;
    driver.revoke(revoked);
    auto given = numbered_key(2);
    given.expires_at = from_now(kLong);
    const auto past = driver.insert(given).prefix;
    fixture.pass(kLong);
    const auto before = driver.list();
    for (const auto& prefix : {revoked, past})
        CHECK(driver.try_rotate(prefix, numbered_key(3), kLong).error() == Errc::conflict);
    CHECK(driver.list() == before);
}

void rotates_to_no_prefix_that_is_taken(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    const auto old = driver.insert(numbered_key(1)).prefix;
    driver.insert(numbered_key(2));
    const auto before = driver.list();
    for (const int number : {1, 2})
        CHECK(driver.try_rotate(old, numbered_key(number), milliseconds(0)).error() == Errc::conflict);
    CHECK(driver.list() == before);
    CHECK(driver.live().size() == 2);
}

constexpr StoreCase kKeyEndCases[] = {
    {"a key that is revoked lets nobody in any more", revokes_at_once},
    {"a key that is revoked again keeps its time", keeps_the_first_time_of_a_revocation},
    {"a key expires when its time comes", expires_when_a_keys_time_comes},
    {"a key that is rotated goes on beside its successor for a while", rotates_with_an_overlap},
    {"a rotation prolongs no key", prolongs_no_key_by_a_rotation},
    {"without an overlap a key ends with its rotation", ends_a_key_at_once_without_an_overlap},
    {"a key that has ended is not rotated", rotates_no_key_that_has_ended},
    {"a key is not rotated to a prefix that is taken", rotates_to_no_prefix_that_is_taken},
};

} // namespace

std::span<const StoreCase> store_key_end_cases() {
    return kKeyEndCases;
}

} // namespace smsbcast::test
