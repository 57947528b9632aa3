#pragma once

#include "smsbcast/ports/key_store.hpp"
#include "support/app_loop.hpp"

#include <map>

namespace smsbcast::test {

/// Keys in memory. Its clock is the wall clock.
class FakeKeyStore : public KeyStore {
public:
    asio::awaitable<Result<ApiKey>> insert(NewKey key, Deadline) override {
        if (failing)
            co_return *failing;
        ApiKey made{key.prefix, key.name, key.tenant, key.scopes, wall_clock(), key.expires_at, {}, {}};
        if (!keys.try_emplace(key.prefix, StoredKey{made, key.digest}).second)
            co_return Errc::conflict;
        co_return made;
    }

    asio::awaitable<Result<std::vector<StoredKey>>> live(Deadline deadline) override {
        ++questions;
        std::vector<StoredKey> found; // as of when it was asked
        for (const auto& [prefix, stored] : keys)
            if (is_live(stored.key, wall_clock()))
                found.push_back(stored);
        const auto failure = failing;
        if (gate)
            co_await gate->wait(deadline);
        if (failure)
            co_return *failure;
        co_return found;
    }

    asio::awaitable<Result<std::vector<ApiKey>>> list(std::optional<std::string> after, int limit, Deadline) override {
        std::vector<ApiKey> found;
        for (auto at = after ? keys.upper_bound(*after) : keys.begin();
             at != keys.end() && found.size() < static_cast<std::size_t>(limit); ++at)
            found.push_back(at->second.key);
        co_return found;
    }

    asio::awaitable<Result<ApiKey>> get(std::string prefix, Deadline) override {
        const auto found = keys.find(prefix);
        co_return found == keys.end() ? Result<ApiKey>(Errc::not_found) : Result<ApiKey>(found->second.key);
    }

    asio::awaitable<Result<ApiKey>> revoke(std::string prefix, Deadline) override {
        const auto found = keys.find(prefix);
        if (found == keys.end())
            co_return Errc::not_found;
        auto& key = found->second.key;
        key.revoked_at = key.revoked_at.value_or(wall_clock());
        co_return key;
    }

    asio::awaitable<Result<ApiKey>> rotate(std::string prefix, NewKey successor, std::chrono::milliseconds overlap,
                                           Deadline deadline) override {
        const auto found = keys.find(prefix);
        if (found == keys.end())
            co_return Errc::not_found;
        auto& old = found->second.key;
        if (!is_live(old, wall_clock()))
            co_return Errc::conflict;
        const Timestamp end = wall_clock() + overlap;
        old.expires_at = std::min(old.expires_at.value_or(end), end);
        auto inserting = insert(std::move(successor), deadline);
        co_return co_await std::move(inserting);
    }

    asio::awaitable<Result<void>> note_uses(std::vector<KeyUse> uses, Deadline) override {
        for (const auto& use : uses)
            if (const auto found = keys.find(use.prefix); found != keys.end())
                found->second.key.last_used_at = use.at;
        co_return Result<void>();
    }

    std::map<std::string, StoredKey> keys; ///< by prefix
    int questions = 0;                     ///< calls of live()
    std::optional<Errc> failing;
    std::unique_ptr<Signal> gate; ///< live() answers when it is notified
};

} // namespace smsbcast::test
