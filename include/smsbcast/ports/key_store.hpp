#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/result.hpp"
#include "smsbcast/domain/api_key.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace smsbcast {

/// A key that is to be made. Its `created_at` will be the store's clock.
struct NewKey {
    std::string prefix, name, tenant;
    Scopes scopes;
    KeyDigest digest{};
    std::optional<Timestamp> expires_at{};
};

/// A key, and by what its secret is known.
struct StoredKey {
    ApiKey key;
    KeyDigest digest{};
};

struct KeyUse {
    std::string prefix;
    Timestamp at;
};

/// The API keys of the installation. At most kMost are kept: those that ended more than kKeptAfterEnd ago are deleted
/// when another one is made.
///
/// Errors of every call: timeout, unavailable, overloaded (nothing was done); of those that change something also
/// uncertain and retry. Threads: one shard. Lifetime: the store must outlive the awaitable.
class KeyStore {
public:
    static constexpr std::size_t kMost = 10'000;
    static constexpr std::chrono::days kKeptAfterEnd{90};

    virtual ~KeyStore() = default;

    /// Errors: conflict (the prefix is taken), refused (there are kMost already).
    virtual boost::asio::awaitable<Result<ApiKey>> insert(NewKey key, Deadline deadline) = 0;

    /// Every key that is neither revoked nor expired by the store's clock, in any order.
    virtual boost::asio::awaitable<Result<std::vector<StoredKey>>> live(Deadline deadline) = 0;

    /// All keys in order of their prefix, those after `after` only. `limit` 1 to 1000.
    virtual boost::asio::awaitable<Result<std::vector<ApiKey>>> list(std::optional<std::string> after, int limit,
                                                                     Deadline deadline) = 0;

    /// Errors: not_found.
    virtual boost::asio::awaitable<Result<ApiKey>> get(std::string prefix, Deadline deadline) = 0;

    /// Ends the key at once and gives it; where it was revoked before, that time stays. Errors: not_found.
    virtual boost::asio::awaitable<Result<ApiKey>> revoke(std::string prefix, Deadline deadline) = 0;

    /// In one transaction: makes `successor` as insert() does, and lets the key `prefix` expire after `overlap`, unless
    /// it ends before. Errors: not_found, conflict (it has ended already, or the successor's prefix is taken), refused.
    virtual boost::asio::awaitable<Result<ApiKey>> rotate(std::string prefix, NewKey successor,
                                                          std::chrono::milliseconds overlap, Deadline deadline) = 0;

    /// Notes the last use of each; an earlier time than the one that is known changes nothing, and so does a key that
    /// is gone. At most 1000.
    virtual boost::asio::awaitable<Result<void>> note_uses(std::vector<KeyUse> uses, Deadline deadline) = 0;
};

} // namespace smsbcast
