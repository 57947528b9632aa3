#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/ports/key_store.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace smsbcast::app {

/// The secrets under which the digests of keys are made. There is one at least. New keys are made with the first one;
/// the others are older, and the keys that were made with them go on working.
using Peppers = std::vector<std::string>;

/// What is stored of the token under that pepper.
KeyDigest digest_of(const KeyToken& token, const std::string& pepper);

/// The keys that let somebody in, as the store had them when it was asked last. Finds whose token it is without asking
/// the store again, and remembers which keys were used. Pure; belongs to one shard.
class KeyRing {
public:
    using TimePoint = Deadline::Clock::time_point;

    /// What is older than that lets nobody in, since a key may have been revoked meanwhile.
    static constexpr std::chrono::seconds kFreshFor{4};

    /// Uses of one key that are less apart than that are one use.
    static constexpr std::chrono::minutes kUseApart{1};

    explicit KeyRing(Peppers peppers) : peppers_(std::move(peppers)) {}

    /// What the store answered when it was asked at `asked_at`.
    void load(std::vector<StoredKey> keys, TimePoint asked_at);

    /// When the store was asked for what is known; nothing before the first load.
    std::optional<TimePoint> asked_at() const { return asked_at_; }
    std::size_t size() const { return keys_.size(); }

    /// Whoever has this token, and notes the use. Nothing where the token is nobody's as far as is known, or where what
    /// is known is not fresh. How long it takes does not tell which prefixes there are.
    std::optional<Caller> find(const KeyToken& token, TimePoint now, Timestamp wall);

    /// The uses since the last call, 1000 at most; further ones come with the next call.
    std::vector<KeyUse> take_uses();

private:
    struct Held {
        StoredKey stored;
        bool used = false; // since the last take_uses()
    };

    bool fits(const KeyToken& token, const KeyDigest& digest) const;

    Peppers peppers_;
    std::unordered_map<std::string, Held> keys_; // by prefix
    std::optional<TimePoint> asked_at_;
};

} // namespace smsbcast::app
