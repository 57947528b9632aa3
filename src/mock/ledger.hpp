#pragma once

#include "slot_index.hpp"

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/domain/phone_number.hpp"
#include "smsbcast/mock/mock_provider.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace smsbcast::mock {

enum class ReceiptStatus : std::uint8_t { none, delivered, failed };

/// One well-formed request for a message.
struct SendCall {
    MessageId message;
    PhoneNumber phone = PhoneNumber::from_digits(0);
    std::string_view key; ///< of its idempotency; empty when it has none
    std::uint64_t body_hash = 0;
    ReceiptEcho echo = ReceiptEcho::message_id;
};

struct LedgerRow {
    std::uint64_t seq = 0;
    MessageId message;
    PhoneNumber phone = PhoneNumber::from_digits(0);
    std::optional<std::string> key; ///< the one that was accepted last, else the one seen last
    std::uint64_t requests = 0;
    std::uint64_t after_uncertain = 0; ///< requests after one that may have been taken for all that was answered
    std::uint64_t accepted = 0;        ///< how often, each time under another provider id
    std::uint64_t provider_number = 0; ///< of the last acceptance; 0: none
    std::uint64_t receipts_posted = 0;
    std::uint64_t receipts_acknowledged = 0;
    ReceiptStatus last_status = ReceiptStatus::none; ///< of the receipt acknowledged last
    Timestamp first_at;
    Timestamp last_at;
};

/// The requests that truly came, per message, and the memory of idempotency keys. An entry is a
/// message under one key; a row joins the entries of a message. Keeps the last `most` entries.
class Ledger {
public:
    explicit Ledger(std::size_t most) : most_(most) {}

    enum class Known {
        fresh,
        repeated,    ///< the same key and body
        conflicting, ///< the same key with another body: counted, and otherwise not taken
    };
    struct Entered {
        std::uint64_t seq = 0;
        Known known = Known::fresh;
        std::uint64_t provider_number = 0;          ///< not 0: this key was accepted before
        ReceiptEcho echo = ReceiptEcho::message_id; ///< of the call, or of the one that was accepted before
    };

    Entered enter(const SendCall& call, Timestamp now);

    /// Gives the acceptance a number, which nothing had before. Numbers go on over clear().
    std::uint64_t accept(std::uint64_t seq);

    // Nothing happens for an entry that has been forgotten.
    void leave_uncertain(std::uint64_t seq);
    void posted(std::uint64_t seq);
    void acknowledged(std::uint64_t seq, ReceiptStatus status);

    /// Messages whose first entry came after `after`, in that order.
    std::vector<LedgerRow> page(std::uint64_t after, std::size_t limit) const;
    std::optional<LedgerRow> find(const MessageId& message) const;

    std::size_t messages() const { return messages_.size(); }
    std::uint64_t accepted_twice() const { return accepted_twice_; }

    void clear();

private:
    struct Entry {
        Uuid message;
        std::uint64_t phone = 0;
        std::uint64_t body_hash = 0;
        std::uint64_t provider_number = 0;
        Timestamp first_at;
        Timestamp last_at;
        std::uint64_t older = 0; // the message's entry before this one, 0: none
        std::uint32_t requests = 0;
        std::uint16_t accepted = 0;
        std::uint16_t posted = 0;
        std::uint16_t acknowledged = 0;
        ReceiptStatus last_status = ReceiptStatus::none;
        // Our own keys are the message's id and a few characters; those are kept here, any other text in long_keys_.
        std::uint8_t key_length = 0; // of all of it, when it is not kept elsewhere
        std::array<char, 8> key_tail{};
        bool has_newer = false; // of the same message
        bool uncertain = false; // a request had no definite answer
        std::uint8_t after_uncertain = 0;
        ReceiptEcho echo = ReceiptEcho::message_id;
    };

    Entry* at(std::uint64_t seq);
    const Entry* at(std::uint64_t seq) const;
    std::uint64_t seq_of(std::uint32_t reference) const;
    std::uint64_t newest_of(const MessageId& message) const;
    std::uint64_t acceptances_of(const MessageId& message) const;
    bool is_uncertain(const MessageId& message) const;
    std::uint64_t keyed(const SendCall& call) const;
    std::uint64_t add(const SendCall& call, Timestamp now);
    void keep_key(Entry& entry, std::uint64_t seq, std::string_view key);
    std::string key_of(const Entry& entry, std::uint64_t seq) const;
    void forget_oldest();
    LedgerRow row_of(std::uint64_t newest) const;

    std::size_t most_;
    std::deque<Entry> entries_;
    std::uint64_t first_ = 1; // the number of entries_.front()
    std::uint64_t numbers_ = 0;
    std::uint64_t accepted_twice_ = 0;
    SlotIndex messages_; // to the newest entry of each
    SlotIndex keys_;
    std::unordered_map<std::uint64_t, std::string> long_keys_;
};

} // namespace smsbcast::mock
