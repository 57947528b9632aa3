#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace smsbcast {

/// The provider took the message.
struct Accepted {
    std::string provider_id;     ///< not empty, at most 255 bytes
    bool repeats_our_id = false; ///< the answer carried our message id, so the provider's receipts will as well
    std::vector<std::string> further_ids{}; ///< of further parts, where a long message was handed over in several
};

/// The provider took the message, and its answer names no id that could be read. No policy sends it again.
struct Unidentified {
    std::string code;
    std::string message;
};

/// The provider refused the message for good.
struct Rejected {
    std::string code;
    std::string message;
};

/// The provider refused the account, the address or the credentials: every message would meet the same, so the lane is
/// at fault and the message pays nothing for it.
struct Refused {
    std::string code;
    std::string message;
};

/// The provider refused, and does not say whether it means the message or the account. Other messages tell
/// (app/disputed_refusals.hpp); taken by itself, it is one attempt of the message that failed.
struct Disputed {
    std::string code;
    std::string message;
    bool proven = false; ///< the provider accepted another message after it refused this one
};

/// Certainly not taken: not now. The message waits and pays nothing.
struct Throttled {
    std::chrono::milliseconds retry_after{0}; ///< 0: the provider did not say
    std::string code;
    std::string message;
};

/// Certainly not taken: the request never left (connect, name look-up, TLS).
struct NotSent {
    std::string code;
    std::string message;
    bool tried = true; ///< false: it was held back before it was tried, which costs no attempt
};

/// The request may have reached the provider, and no complete answer says so.
struct Uncertain {
    std::string code;
    std::string message;
    bool taken = false; ///< it has the message: its answer began as a 2xx and broke off before its id could be read
};

using SubmitOutcome = std::variant<Accepted, Unidentified, Rejected, Refused, Disputed, Throttled, NotSent, Uncertain>;

/// `accepted`, `unidentified`, `rejected`, `refused`, `disputed`, `throttled`, `not_sent`, `unknown`
std::string_view outcome_class(const SubmitOutcome& outcome);

/// The meaning of an HTTP answer's status for the submission.
enum class StatusMeaning {
    taken,     ///< Accepted, or Unidentified
    rejected,  ///< Rejected
    refused,   ///< Refused
    disputed,  ///< Disputed
    throttled, ///< Throttled
    uncertain, ///< Uncertain
};

struct StatusRow {
    int first; ///< the first and the last status that the row covers
    int last;
    StatusMeaning meaning;
    std::string_view sentence; ///< what users read where the provider's answer holds no words of its own
};

/// Every status from 100 to 599, in ascending order, each once. docs/providers.md shows users the
/// same table.
std::span<const StatusRow> status_table();

/// The row of the table. A status outside of it (an HTTP/1.1 server sends none) counts as uncertain.
const StatusRow& status_row(int status);

/// An HTTP answer, read as an outcome.
struct HttpAnswer {
    int status = 0;
    std::optional<std::chrono::milliseconds> retry_after;
    std::optional<std::string> provider_id; ///< of a readable 2xx body
    bool repeats_our_id = false;
    std::string error_message; ///< what the body says went wrong, shortened; may be empty
};

/// The outcome that the table gives. Its code is `http_` and the status, `no_provider_id` of Unidentified.
SubmitOutcome classify(const HttpAnswer& answer);

/// The outcome of an answer which broke off after its head. The status counts all the same; only a
/// 2xx lacks its id, which the provider would name again under the same key: Uncertain, and taken.
SubmitOutcome classify_broken(const HttpAnswer& head, std::string code, std::string message);

} // namespace smsbcast
