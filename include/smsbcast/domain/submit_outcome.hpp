#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace smsbcast {

/// The provider took the message.
struct Accepted {
    std::string provider_id;     ///< not empty, at most 255 bytes
    bool repeats_our_id = false; ///< the answer carried our message id, so the provider's receipts will as well
};

/// The provider refused it for good (400, 404, 422 …).
struct Rejected {
    std::string code;
    std::string message;
};

/// Certainly not taken, and the whole lane is to slow down (429, 503 with Retry-After). Costs no attempt.
struct Throttled {
    std::chrono::milliseconds retry_after{0}; ///< 0: the provider did not say
    std::string code;
};

/// Certainly not taken: the request never left (connect, name look-up, TLS).
struct NotSent {
    std::string code;
    std::string message;
    bool tried = true; ///< false: it was held back before it was tried, which costs no attempt
};

/// The request may have reached the provider and no complete answer tells.
struct Uncertain {
    std::string code;
    std::string message;
};

using SubmitOutcome = std::variant<Accepted, Rejected, Throttled, NotSent, Uncertain>;

/// `accepted`, `rejected`, `throttled`, `not_sent`, `unknown`
std::string_view outcome_class(const SubmitOutcome& outcome);

/// A complete HTTP answer, read as an outcome.
struct HttpAnswer {
    int status = 0;
    std::optional<std::chrono::milliseconds> retry_after;
    std::optional<std::string> provider_id; ///< of a readable 2xx body
    bool repeats_our_id = false;
    std::string error_message; ///< what the body says went wrong, shortened; may be empty
};

/// 200…299 with an id: accepted, without: uncertain · 429, 503 with Retry-After: throttled · 401, 403, 407: not_sent
/// (our credentials are wrong, the message is not) · 408, 409 (an earlier request under this key is still being worked
/// on), 425, other 5xx: uncertain · other 4xx, 1xx, 3xx: rejected.
SubmitOutcome classify(const HttpAnswer& answer);

} // namespace smsbcast
