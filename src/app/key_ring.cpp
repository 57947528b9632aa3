#include "smsbcast/app/key_ring.hpp"

#include "smsbcast/base/hmac.hpp"

#include <utility>

namespace smsbcast::app {

namespace {

constexpr std::size_t kMostUses = 1000;

} // namespace

KeyDigest digest_of(const KeyToken& token, const std::string& pepper) {
    // The prefix is part of it, so that the digest of one key cannot be written into the row of another.
    return hmac_sha256(pepper, token.prefix + "_" + token.secret);
}

void KeyRing::load(std::vector<StoredKey> keys, TimePoint asked_at) {
    auto before = std::exchange(keys_, {});
    keys_.reserve(keys.size());
    for (auto& stored : keys) {
        const auto old = before.find(stored.key.prefix);
        Held held{std::move(stored), false};
        // The store may not have been told of the last uses yet.
        if (old != before.end()) {
            held.used = old->second.used;
            held.stored.key.last_used_at = std::max(held.stored.key.last_used_at, old->second.stored.key.last_used_at);
        }
        auto prefix = held.stored.key.prefix;
        keys_.insert_or_assign(std::move(prefix), std::move(held));
    }
    asked_at_ = asked_at;
}

bool KeyRing::fits(const KeyToken& token, const KeyDigest& digest) const {
    bool fits = false;
    for (const auto& pepper : peppers_)
        fits = equal_in_constant_time(digest_of(token, pepper), digest) || fits;
    return fits;
}

std::optional<Caller> KeyRing::find(const KeyToken& token, TimePoint now, Timestamp wall) {
    if (!asked_at_ || now - *asked_at_ > kFreshFor)
        return std::nullopt;
    const auto found = keys_.find(token.prefix);
    static constexpr KeyDigest kNobodys{};
    const bool fitting = fits(token, found == keys_.end() ? kNobodys : found->second.stored.digest);
    if (found == keys_.end() || !fitting)
        return std::nullopt;
    auto& [stored, used] = found->second;
    auto& key = stored.key;
    if (!is_live(key, wall))
        return std::nullopt;
    if (!key.last_used_at || wall - *key.last_used_at >= kUseApart) {
        key.last_used_at = wall;
        used = true;
    }
    return Caller{key.prefix, key.tenant, key.scopes};
}

std::vector<KeyUse> KeyRing::take_uses() {
    std::vector<KeyUse> uses;
    for (auto& [prefix, held] : keys_)
        if (held.used && uses.size() < kMostUses) {
            held.used = false;
            uses.push_back({prefix, *held.stored.key.last_used_at});
        }
    return uses;
}

} // namespace smsbcast::app
