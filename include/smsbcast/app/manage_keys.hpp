#pragma once

#include "smsbcast/app/key_ring.hpp"
#include "smsbcast/base/enum_set.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::app {

/// A key that somebody asks for.
struct KeyRequest {
    std::string name;
    std::string tenant{kDefaultTenant};
    Scopes scopes;
    std::optional<Timestamp> expires_at{};
};

/// What can be wrong with one.
enum class KeyMistake : std::uint8_t { name, tenant, scopes, expires_at };

inline constexpr std::array kKeyMistakes{KeyMistake::name, KeyMistake::tenant, KeyMistake::scopes,
                                         KeyMistake::expires_at};

using KeyMistakes = EnumSet<KeyMistake>;

/// The field, and what would be right, to be read after the field's name.
std::string_view field_of(KeyMistake mistake);
std::string_view message(KeyMistake mistake);

/// Everything that is wrong with the request. Pure.
KeyMistakes check(const KeyRequest& request, Timestamp now);

/// A key that was just made. The token is nowhere else: nobody can show it again.
struct MadeKey {
    ApiKey key;
    std::string token;
};

/// Makes, shows and ends the API keys of the installation, for callers with Scope::admin. Errors of every call:
/// forbidden, and those of KeyStore. Belongs to the shard of its store, which must outlive it; so must a caller each
/// call.
class ManageKeys {
public:
    static constexpr std::chrono::hours kDefaultOverlap{24};
    static constexpr std::chrono::days kMostOverlap{30};

    ManageKeys(KeyStore& store, Peppers peppers) : store_(store), peppers_(std::move(peppers)) {}

    /// Without a pepper it cannot, and create() and rotate() must not be called.
    bool can_make_keys() const { return !peppers_.empty(); }

    /// Errors: invalid, where check() says what is wrong; refused (there are too many keys).
    boost::asio::awaitable<Result<MadeKey>> create(const Caller& caller, KeyRequest request, Deadline deadline);

    /// Makes another key with the name, tenant and scopes of `prefix`, which goes on for `overlap`, 0 to kMostOverlap,
    /// so that clients can change over. The new one expires when the old one would have, which after a rotation is the
    /// end of its overlap. Errors: invalid, not_found, conflict (the key has ended already), refused.
    boost::asio::awaitable<Result<MadeKey>> rotate(const Caller& caller, std::string prefix,
                                                   std::chrono::milliseconds overlap, Deadline deadline);

    /// In order of prefix, those after `after`; ended ones too. `limit` 1 to 1000.
    boost::asio::awaitable<Result<std::vector<ApiKey>>> list(const Caller& caller, std::optional<std::string> after,
                                                             int limit, Deadline deadline);

    boost::asio::awaitable<Result<ApiKey>> get(const Caller& caller, std::string prefix, Deadline deadline);

    /// Ends a key within KeyRing::kFreshFor, in every replica. May be repeated.
    boost::asio::awaitable<Result<ApiKey>> revoke(const Caller& caller, std::string prefix, Deadline deadline);

private:
    KeyStore& store_;
    Peppers peppers_;
};

} // namespace smsbcast::app
