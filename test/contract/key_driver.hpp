#pragma once

#include "store_driver.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace smsbcast::test {

/// A key to be made. The number tells it from others, in order of prefix up to 9,999,999.
inline NewKey numbered_key(int number) {
    NewKey key;
    key.prefix = fmt::format("key{:07}", number);
    key.name = fmt::format("the key {}", number);
    key.tenant = "default";
    key.scopes = {Scope::broadcasts_read};
    key.digest.fill(static_cast<std::byte>(number));
    return key;
}

/// In whole milliseconds, which every store keeps.
inline Timestamp from_now(milliseconds time) {
    return std::chrono::floor<milliseconds>(wall_clock()) + time;
}

/// Calls to the store of keys. Those that give no Result must succeed.
class KeyDriver {
public:
    explicit KeyDriver(StoreFixture& fixture) : fixture_(fixture) {}

    Result<ApiKey> try_insert(NewKey key) {
        return fixture_.run(fixture_.keys().insert(std::move(key), fixture_.deadline()));
    }
    Result<ApiKey> try_get(std::string prefix) {
        return fixture_.run(fixture_.keys().get(std::move(prefix), fixture_.deadline()));
    }
    Result<ApiKey> try_revoke(std::string prefix) {
        return fixture_.run(fixture_.keys().revoke(std::move(prefix), fixture_.deadline()));
    }
    Result<ApiKey> try_rotate(std::string prefix, NewKey successor, milliseconds overlap) {
        return fixture_.run(
            fixture_.keys().rotate(std::move(prefix), std::move(successor), overlap, fixture_.deadline()));
    }

    ApiKey insert(NewKey key) { return value(try_insert(std::move(key))); }
    ApiKey get(std::string prefix) { return value(try_get(std::move(prefix))); }
    ApiKey revoke(std::string prefix) { return value(try_revoke(std::move(prefix))); }
    ApiKey rotate(std::string prefix, NewKey successor, milliseconds overlap) {
        return value(try_rotate(std::move(prefix), std::move(successor), overlap));
    }

    std::vector<ApiKey> list(std::optional<std::string> after = std::nullopt, int limit = 1000) {
        return value(fixture_.run(fixture_.keys().list(std::move(after), limit, fixture_.deadline())));
    }

    void note_uses(std::vector<KeyUse> uses) {
        const auto noted = fixture_.run(fixture_.keys().note_uses(std::move(uses), fixture_.deadline()));
        REQUIRE(noted.has_value());
    }

    /// By prefix.
    std::map<std::string, StoredKey> live() {
        std::map<std::string, StoredKey> keys;
        for (auto& stored : value(fixture_.run(fixture_.keys().live(fixture_.deadline())))) {
            auto prefix = stored.key.prefix;
            REQUIRE(keys.emplace(std::move(prefix), std::move(stored)).second);
        }
        return keys;
    }
    bool is_live(const std::string& prefix) { return live().contains(prefix); }

private:
    template <class T>
    static T value(Result<T> result) {
        REQUIRE(result.has_value());
        return std::move(*result);
    }

    StoreFixture& fixture_;
};

} // namespace smsbcast::test
