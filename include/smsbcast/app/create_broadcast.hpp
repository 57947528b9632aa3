#pragma once

#include "smsbcast/domain/caller.hpp"
#include "smsbcast/domain/message_text.hpp"
#include "smsbcast/ports/broadcast_store.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace smsbcast::app {

struct BroadcastLimits {
    std::size_t max_recipients = 10'000'000;
    std::size_t max_message_chars = 1600;
    int ticket_size = 100;
};

struct BadRecipient {
    std::int64_t index = 0; ///< in the list as it was given
    PhoneError error = PhoneError::empty;
};

/// The recipients of one broadcast while they arrive one by one. Numbers given twice are kept once, in the place of the
/// first; of bad ones the first 100 are kept and all are counted. What comes after the first `most` elements is counted
/// and not looked at. A million numbers take 17 MB: 8 bytes each, and 5 to 11 more to find repeated ones.
class RecipientList {
public:
    explicit RecipientList(std::size_t most);

    void add(std::string_view text);

    /// The element at this place was not a text at all.
    void skip() { ++seen_; }

    std::size_t seen() const { return seen_; }
    bool over_limit() const { return seen_ > most_; }
    std::int64_t duplicates() const { return duplicates_; }
    std::int64_t bad_count() const { return bad_count_; }
    const std::vector<BadRecipient>& bad() const { return bad_; }
    const std::vector<PhoneNumber>& numbers() const { return numbers_; }

    /// Gives the numbers away and frees the rest. Nothing may be added any more.
    std::vector<PhoneNumber> take();

    static constexpr std::size_t kMaxListed = 100;

private:
    std::size_t home(std::uint64_t digits) const;
    bool insert(PhoneNumber number);
    void grow();

    std::size_t most_;
    std::size_t seen_ = 0;
    std::int64_t duplicates_ = 0;
    std::int64_t bad_count_ = 0;
    std::vector<BadRecipient> bad_;
    std::vector<PhoneNumber> numbers_;
    std::vector<std::uint32_t>
        slots_; ///< open addressing: 1 + the place in numbers_, 0 is free; a power of two of them
    std::array<std::uint64_t, 2>
        seed_; ///< of the hash: the sender chooses the numbers, so it must not know their slots
};

/// Everything that is wrong with a broadcast, at once; nothing was stored.
struct CreateErrors {
    bool message_missing = false;
    std::optional<TextError> message;
    std::optional<TextError> name; ///< a name is optional, at most 200 characters
    std::optional<ExpiryError> expires_at;
    bool recipients_empty = false; ///< not a single element, or none that was even a text
    bool too_many_recipients = false;
    std::vector<BadRecipient> bad;
    std::int64_t bad_count = 0;

    bool any() const;
};

/// The caller may not (forbidden), or the store could not. On Errc::uncertain it may exist under that id all the same.
struct NotCreated {
    BroadcastId id;
    boost::system::error_code error;
};

struct CreatedBroadcast {
    BroadcastId id;
    BroadcastStatus status = BroadcastStatus::running;
    std::int64_t total = 0;
    std::int64_t duplicates_removed = 0;
};

/// Checks and stores one broadcast of the caller's tenant. A value means that it is durable.
class CreateBroadcast {
public:
    static constexpr std::size_t kMaxNameChars = 200;

    struct Input {
        std::optional<std::string> name;
        std::optional<std::string> message;
        RecipientList recipients;
        std::optional<Timestamp> expires_at{};
    };
    using Output = std::variant<CreatedBroadcast, CreateErrors, NotCreated>;

    CreateBroadcast(BroadcastStore& store, BroadcastLimits limits) : store_(store), limits_(limits) {}

    const BroadcastLimits& limits() const { return limits_; }

    /// Everything that is wrong with the input. The only place that says so: what answers a request without storing
    /// anything asks here too.
    static CreateErrors check(const Input& input, const BroadcastLimits& limits);

    /// Needs Scope::broadcasts_write. The caller must outlive it.
    boost::asio::awaitable<Output> operator()(const Caller& caller, Input input, Deadline deadline);

private:
    boost::asio::awaitable<Result<IntakeOutcome>> store(BroadcastId id, std::vector<PhoneNumber> recipients,
                                                        BroadcastContent content, Deadline deadline);

    BroadcastStore& store_;
    BroadcastLimits limits_;
};

} // namespace smsbcast::app
