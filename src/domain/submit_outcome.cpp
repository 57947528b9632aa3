#include "smsbcast/domain/submit_outcome.hpp"

#include "smsbcast/base/overload.hpp"
#include "smsbcast/domain/ticket.hpp"

#include <fmt/format.h>

namespace smsbcast {

std::string idempotency_key(const MessageId& id, int generation) {
    return fmt::format("{}-{}", to_string(id), generation);
}

std::string_view outcome_class(const SubmitOutcome& outcome) {
    return std::visit(Overload{[](const Accepted&) { return std::string_view("accepted"); },
                               [](const Rejected&) { return std::string_view("rejected"); },
                               [](const Throttled&) { return std::string_view("throttled"); },
                               [](const NotSent&) { return std::string_view("not_sent"); },
                               [](const Uncertain&) { return std::string_view("unknown"); }},
                      outcome);
}

SubmitOutcome classify(const HttpAnswer& answer) {
    const auto code = fmt::format("http_{}", answer.status);
    const auto sentence =
        answer.error_message.empty() ? fmt::format("the provider answered {}", answer.status) : answer.error_message;
    const int status = answer.status;
    if (status >= 200 && status < 300) {
        if (answer.provider_id && !answer.provider_id->empty())
            return Accepted{*answer.provider_id, answer.repeats_our_id};
        return Uncertain{"no_provider_id", "the provider took the request, but its answer holds no usable id"};
    }
    if (status == 429 || (status == 503 && answer.retry_after))
        return Throttled{answer.retry_after.value_or(std::chrono::milliseconds(0)), code};
    if (status == 401 || status == 403 || status == 407)
        return NotSent{code, "the provider refused our credentials"};
    if (status == 408 || status == 409 || status == 425 || status >= 500)
        return Uncertain{code, sentence};
    return Rejected{code, sentence};
}

} // namespace smsbcast
