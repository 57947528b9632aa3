#pragma once

#include "smsbcast/domain/hold.hpp"
#include "smsbcast/domain/message.hpp"
#include "smsbcast/domain/message_status.hpp"
#include "smsbcast/domain/receipt.hpp"
#include "smsbcast/domain/retry_policy.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What an event does to a stored message. The embedded store calls these rules for each row. PostgreSQL decides for
// many rows in one statement, whose conditions repeat them, and is given the texts, classes and times from here. So
// contract tests go through every input of each rule and demand its effect of both stores
// (test/contract/store_rules.cpp, store_ending_rules.cpp).

namespace smsbcast {

/// The part of a stored message that the rules look at. The views must outlive the call.
struct MessageFacts {
    MessageStatus status = MessageStatus::pending; ///< as stored: pending stands for queued and sending as well
    int attempts = 0;
    bool maybe_sent = false;
    bool has_sent_at = false;
    std::string_view error_class; ///< of its last error; empty without one
};

/// The part that the rules look at of the ticket in which a pending message waits.
struct TicketFacts {
    int fence = 0;            ///< how often it was taken
    bool is_first = false;    ///< made with its broadcast, and not for a retry
    bool begun = false;       ///< TicketStore::mark_in_flight() was called in the present attempt
    bool at_once = false;     ///< its messages went out without a begin in the present attempt
    bool interrupted = false; ///< an earlier attempt whose messages went out without a begin was lost
};

// ---- The result of a submission

/// Whether the provider said that it has the message; where it named no id, the step is unknown.
bool was_taken(const Verdict& verdict);

enum class ResultEffect : std::uint8_t {
    none,
    leaves,    ///< the message takes the verdict's step and leaves its ticket
    resolves,  ///< the message became unknown meanwhile, and this is the answer after all
    completes, ///< a receipt was faster: the status stays, and what the receipt could not know is filled in
};

/// `held`: the result's ticket is held by the result's attempt, and the message is in that ticket.
ResultEffect effect_of_result(const Verdict& verdict, const MessageFacts& message, bool held);

/// The status that a step leads to; that of a retry stays pending, in another ticket.
MessageStatus status_after(NextStep step);

/// Whether the history of a message that leaves its ticket gets a line for this attempt. The policy
/// bounds the attempts that count; those that cost nothing are not bounded, so a run of one class
/// leaves one line.
bool belongs_in_history(const Verdict& verdict, const MessageFacts& before);

/// The classes of errors that may have been meant for the message itself: PendingMessage::refused_before.
inline constexpr std::array<std::string_view, 2> kRefusals{"rejected", "disputed"};
bool was_refused_before(const MessageFacts& message);

// ---- A receipt

/// The class of the error of a message that failed by a receipt.
inline constexpr std::string_view kByReceipt = "receipt";

/// The classes of errors of failed messages that the provider never took, unless an earlier attempt may have reached
/// it.
inline constexpr std::array<std::string_view, 3> kNeverTaken{"rejected", "disputed", "attempts_exhausted"};

/// What a receipt does to its message. It is kept where the provider cannot have the message, since it waits to be
/// handed over or was refused for good: such a message has no receipts, so this one waits as one of an unknown message
/// does. `ticket` is that of a pending message.
ReceiptOutcome effect_of_receipt(bool delivered, const MessageFacts& message, const TicketFacts& ticket);

/// Whether a receipt for this message shows that the store is an older copy: nobody ever took its ticket, which is its
/// first. (A ticket of retries may wait for its first attempt after its messages were handed over.)
bool shows_older_copy(const MessageFacts& message, const TicketFacts& ticket);

/// The error of a message whose receipt says that it was not delivered. `code` is the provider's, if it gave one.
MessageError not_delivered(const std::optional<std::string>& code);

/// How long a receipt that found no message waits before it is tried again, after so many tries: 400 ms, doubled with
/// each try, ten minutes at most.
std::chrono::milliseconds inbox_pause(int tries);

// ---- A lease that ran out

enum class LostLease : std::uint8_t {
    again,           ///< the message waits to be sent
    again_and_noted, ///< likewise, and its history tells of the lost attempt
    unknown,         ///< it may have been sent, must not be sent again, and its history tells of the lost attempt
};

/// What becomes of a pending message when the lease of its ticket runs out. Which of its messages a lost worker had
/// sent nobody knows. `flagged`: it is marked as a possible duplicate, so it has gone out once more than it should
/// have.
LostLease effect_of_lost_lease(const TicketFacts& ticket, bool flagged);

/// The error of an attempt of which nobody knows how it ended.
const MessageError& lost_attempt();

/// How often the time doubles that a ticket may be queued without being taken, where its loss is
/// only suspected.
inline constexpr int kMaxRequeues = 4;

// ---- The end of a broadcast and of a wait

/// The status of a pending message whose broadcast is over: `end`, which is canceled or expired, or unknown where an
/// earlier attempt may have reached the provider. An unknown one keeps its last error, or has that of a lost attempt.
MessageStatus end_of_waiting(MessageStatus end, bool maybe_sent);

/// The classes of errors of unknown messages that were sent, as far as anybody can tell: those that the provider took
/// without naming an id, and those that may have gone out after a backup.
inline constexpr std::array<std::string_view, 2> kSentWithoutReceipt{kUnidentified, kAssumedSent};

/// The status of an unknown message when its time is up. One that is sent then keeps its error, one that failed keeps
/// the code of it.
MessageStatus end_of_unknown(const MessageFacts& message);

/// The class and the sentence of the error of an unknown message that fails when its time is up.
inline constexpr std::string_view kUnknownClass = "unknown";
inline constexpr std::string_view kNoReceiptInTime = "no receipt came in time to tell whether it was sent";

} // namespace smsbcast
