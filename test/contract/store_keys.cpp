#include "key_driver.hpp"
#include "store_cases.hpp"

#include <algorithm>

// The keys of clients: made, shown, and noted when they are used.

namespace smsbcast::test {

namespace {

using std::chrono::seconds;

void keeps_what_a_key_is_made_of(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    auto given = numbered_key(1);
    given.name = "O'Brien's \"till\" \\ 50 %s of клиника 鍵";
    given.tenant = "north-2_b";
    given.scopes = {Scope::broadcasts_write, Scope::admin};
    given.expires_at = from_now(kLong);
    const auto before = from_now(milliseconds(0));
    const auto made = driver.insert(given);
    CHECK(made.prefix == given.prefix);
    CHECK(made.name == given.name);
    CHECK(made.tenant == given.tenant);
    CHECK(made.scopes == given.scopes);
    CHECK(made.created_at >= before);
    CHECK(made.created_at <= wall_clock());
    CHECK(made.expires_at == given.expires_at);
    CHECK_FALSE(made.revoked_at);
    CHECK_FALSE(made.last_used_at);
    CHECK(driver.get(given.prefix) == made);
    CHECK(driver.list() == std::vector{made});
}

void keeps_every_scope(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    int number = 0;
    for (const auto scope : kScopes) {
        auto given = numbered_key(++number);
        given.scopes = {scope};
        CHECK(driver.insert(given).scopes == given.scopes);
        CHECK(driver.get(given.prefix).scopes == given.scopes);
    }
}

void knows_live_keys_by_their_digests(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    CHECK(driver.live().empty());
    auto first = numbered_key(1), second = numbered_key(2);
    for (std::size_t at = 0; at < first.digest.size(); ++at)
        first.digest[at] = static_cast<std::byte>(37 * at); // a zero among them
    driver.insert(first);
    driver.insert(second);
    const auto live = driver.live();
    REQUIRE(live.size() == 2);
    for (const auto& given : {first, second}) {
        const auto& found = live.at(given.prefix);
        CHECK((found.digest == given.digest));
        CHECK(found.key == driver.get(given.prefix));
    }
}

void lists_in_order_of_prefix(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    // In the order of bytes, whatever the language of the database.
    const std::vector<std::string> ordered{"0000000001", "9zzzzzzzzz", "Aaaaaaaaaa", "Zzzzzzzzzz",
                                           "aAaaaaaaaa", "aaaaaaaaaa", "zzzzzzzzzz"};
    for (const std::size_t place : {3, 0, 6, 1, 5, 2, 4}) {
        auto key = numbered_key(1);
        key.prefix = ordered[place];
        driver.insert(key);
    }
    driver.revoke(ordered[2]);
    for (const int limit : {1, 2, 3, 7, 1000}) {
        std::vector<std::string> read;
        std::optional<std::string> after;
        for (auto page = driver.list(after, limit); !page.empty(); page = driver.list(after, limit)) {
            CHECK(page.size() <= static_cast<std::size_t>(limit));
            for (const auto& key : page)
                read.push_back(key.prefix);
            after = read.back();
        }
        CHECK(read == ordered);
    }
    CHECK(driver.list("B", 1).at(0).prefix == ordered[3]); // after a prefix that is no key's
}

void refuses_a_prefix_that_is_taken(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    const auto made = driver.insert(numbered_key(1));
    auto other = numbered_key(2);
    other.prefix = made.prefix;
    CHECK(driver.try_insert(other).error() == Errc::conflict);
    CHECK(driver.get(made.prefix) == made);
    const auto revoked = driver.revoke(made.prefix);
    CHECK(driver.try_insert(other).error() == Errc::conflict);
    CHECK(driver.list() == std::vector{revoked});
}

void makes_one_key_of_a_prefix_at_once(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    std::vector<boost::asio::awaitable<Result<ApiKey>>> calls;
    for (int number = 1; number <= 8; ++number) {
        auto key = numbered_key(number);
        key.prefix = "everybodys";
        calls.push_back(fixture.keys().insert(key, fixture.deadline()));
    }
    int made = 0;
    for (const auto& result : fixture.run_all(std::move(calls))) {
        made += result ? 1 : 0;
        CHECK((result || result.error() == Errc::conflict));
    }
    CHECK(made == 1);
    CHECK(driver.list().size() == 1);
}

// A prefix may be whatever somebody wrote into a path.
void finds_no_key_that_is_not_there(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    const auto made = driver.insert(numbered_key(1));
    for (const auto& prefix : {std::string("key0000002"), std::string("KEY0000001"), std::string(),
                               std::string("a\0b", 3), std::string("\xff'%"), std::string(600, 'x')}) {
        CHECK(driver.try_get(prefix).error() == Errc::not_found);
        CHECK(driver.try_revoke(prefix).error() == Errc::not_found);
        CHECK(driver.try_rotate(prefix, numbered_key(3), kLong).error() == Errc::not_found);
    }
    CHECK(driver.list() == std::vector{made});
}

void leaves_out_scopes_that_it_does_not_know(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    const auto some = driver.insert(numbered_key(1)).prefix, none = driver.insert(numbered_key(2)).prefix;
    fixture.put_scopes(some, "campaigns:write broadcasts:read");
    fixture.put_scopes(none, "campaigns:write");
    CHECK(driver.get(some).scopes == Scopes{Scope::broadcasts_read});
    CHECK(driver.get(none).scopes.empty());
    CHECK(driver.list().size() == 2);
    CHECK(driver.live().at(some).key == driver.get(some));
    CHECK_FALSE(driver.is_live(none));
}

void notes_the_last_use(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    auto first = driver.insert(numbered_key(1));
    const auto second = driver.insert(numbered_key(2));
    const auto now = from_now(milliseconds(0));
    driver.note_uses({});
    driver.note_uses({{first.prefix, now}});
    CHECK(driver.get(first.prefix).last_used_at == now);
    CHECK(driver.get(second.prefix) == second);
    driver.note_uses({{first.prefix, now - seconds(1)}, {second.prefix, now}});
    CHECK(driver.get(first.prefix).last_used_at == now);
    CHECK(driver.get(second.prefix).last_used_at == now);
    // One key twice, and one that is gone.
    driver.note_uses({{first.prefix, now + seconds(2)}, {"key0000009", now}, {first.prefix, now + seconds(1)}});
    first.last_used_at = now + seconds(2);
    CHECK(driver.get(first.prefix) == first);
    CHECK(driver.live().at(first.prefix).key == first);
    CHECK(driver.list().size() == 2);
}

// Every replica notes the uses that it saw, of the same keys and in an order of its own.
void notes_uses_from_many_sides(StoreFixture& fixture) {
    KeyDriver driver(fixture);
    for (int number = 1; number <= 10; ++number)
        driver.insert(numbered_key(number));
    const auto now = from_now(milliseconds(0));
    std::vector<boost::asio::awaitable<Result<void>>> calls;
    for (int call = 1; call <= 20; ++call) {
        std::vector<KeyUse> uses;
        for (int number = 1; number <= 1000; ++number)
            uses.push_back({numbered_key(number).prefix, now + seconds(call)});
        if (call % 2 == 0)
            std::ranges::reverse(uses);
        calls.push_back(fixture.keys().note_uses(std::move(uses), fixture.deadline()));
    }
    for (const auto& noted : fixture.run_all(std::move(calls)))
        CHECK(noted.has_value());
    for (const auto& key : driver.list())
        CHECK(key.last_used_at == now + seconds(20));
}

constexpr StoreCase kKeyCases[] = {
    {"a key is kept as it was made", keeps_what_a_key_is_made_of},
    {"each scope of a key is kept", keeps_every_scope},
    {"live keys are known by their digests", knows_live_keys_by_their_digests},
    {"keys are listed page by page in order of prefix", lists_in_order_of_prefix},
    {"a prefix that is taken makes no second key", refuses_a_prefix_that_is_taken},
    {"of keys that are made at once with one prefix there is one", makes_one_key_of_a_prefix_at_once},
    {"a prefix that no key has is not found", finds_no_key_that_is_not_there},
    {"scopes of a newer release are left out", leaves_out_scopes_that_it_does_not_know},
    {"the last use of a key is noted", notes_the_last_use},
    {"uses are noted from many sides at once", notes_uses_from_many_sides},
};

} // namespace

std::span<const StoreCase> store_key_cases() {
    return kKeyCases;
}

} // namespace smsbcast::test
