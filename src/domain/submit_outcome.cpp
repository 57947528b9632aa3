#include "smsbcast/domain/submit_outcome.hpp"

#include "smsbcast/base/overload.hpp"
#include "smsbcast/domain/ticket.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace smsbcast {

namespace {

constexpr std::string_view kNotAccepted = "the provider does not accept this message";
constexpr std::string_view kUnclear = "the provider's answer does not tell whether it took the message";

// The meanings are those of RFC 9110 §15. 402 is what providers send when no credit is left; 425
// (RFC 8470 §5.2) and 503 say that nothing was done; 421, 426 and 511 say that this request would
// not have been done for any message. 408 and 409 are uncertain, because the request may have been
// carried out before the answer.
using enum StatusMeaning;
constexpr StatusRow kTable[] = {
    {100, 199, uncertain, kUnclear},
    {200, 299, taken, "the provider took the request, but its answer holds no usable id"},
    {300, 399, refused, "the provider redirects to another address, and redirects are not followed"},
    {400, 400, rejected, kNotAccepted},
    {401, 401, refused, "the provider does not accept our credentials"},
    {402, 402, refused, "the provider asks for payment"},
    {403, 403, disputed, "the provider forbids it"},
    {404, 404, disputed, "the provider knows no such resource"},
    {405, 405, disputed, "the provider does not allow this method"},
    {406, 406, rejected, kNotAccepted},
    {407, 407, refused, "a proxy does not accept our credentials"},
    {408, 409, uncertain, kUnclear},
    {410, 420, rejected, kNotAccepted},
    {421, 421, refused, "the server does not answer for this address"},
    {422, 424, rejected, kNotAccepted},
    {425, 425, throttled, "the provider asked to try it later"},
    {426, 426, refused, "the server demands another protocol"},
    {427, 428, rejected, kNotAccepted},
    {429, 429, throttled, "the provider asked to slow down"},
    {430, 499, rejected, kNotAccepted},
    {500, 502, uncertain, kUnclear},
    {503, 503, throttled, "the provider is not available for now"},
    {504, 510, uncertain, kUnclear},
    {511, 511, refused, "the network demands a log-in"},
    {512, 599, uncertain, kUnclear},
};
// An answer that is none of HTTP's proves nothing, and "uncertain" is the careful reading.
constexpr StatusRow kOutside{0, 0, uncertain, kUnclear};

} // namespace

// The key is made of the message's id and nothing of the attempt: it must be the same bytes for as
// long as the provider may have taken the message.
std::string idempotency_key(const MessageId& id, int key_generation) {
    return fmt::format("{}-{}", to_string(id), key_generation);
}

std::string_view outcome_class(const SubmitOutcome& outcome) {
    return std::visit(Overload{[](const Accepted&) { return std::string_view("accepted"); },
                               [](const Unidentified&) { return std::string_view("unidentified"); },
                               [](const Rejected&) { return std::string_view("rejected"); },
                               [](const Refused&) { return std::string_view("refused"); },
                               [](const Disputed&) { return std::string_view("disputed"); },
                               [](const Throttled&) { return std::string_view("throttled"); },
                               [](const NotSent&) { return std::string_view("not_sent"); },
                               [](const Uncertain&) { return std::string_view("unknown"); }},
                      outcome);
}

std::span<const StatusRow> status_table() {
    return kTable;
}

const StatusRow& status_row(int status) {
    const auto* const row = std::ranges::find_if(
        kTable, [status](const StatusRow& candidate) { return candidate.first <= status && status <= candidate.last; });
    return row == std::end(kTable) ? kOutside : *row;
}

SubmitOutcome classify(const HttpAnswer& answer) {
    const auto& row = status_row(answer.status);
    if (row.meaning == taken && answer.provider_id && !answer.provider_id->empty())
        return Accepted{*answer.provider_id, answer.repeats_our_id};
    auto code = fmt::format("http_{}", answer.status);
    // The provider's own words come first, since they name what only it knows; the table's sentence
    // stands in where it gave none.
    auto sentence = answer.error_message.empty() ? std::string(row.sentence) : answer.error_message;
    switch (row.meaning) {
    case taken: return Unidentified{"no_provider_id", std::move(sentence)};
    case rejected: return Rejected{std::move(code), std::move(sentence)};
    case refused: return Refused{std::move(code), std::move(sentence)};
    case disputed: return Disputed{std::move(code), std::move(sentence)};
    case throttled:
        return Throttled{answer.retry_after.value_or(std::chrono::milliseconds(0)), std::move(code),
                         std::move(sentence)};
    case uncertain: break;
    }
    return Uncertain{std::move(code), std::move(sentence)};
}

SubmitOutcome classify_broken(const HttpAnswer& head, std::string code, std::string message) {
    const auto meaning = status_row(head.status).meaning;
    // A refusal is complete with its status. An acceptance is not: its id is in the part that never
    // came.
    if (meaning == taken || meaning == uncertain)
        return Uncertain{std::move(code), std::move(message), meaning == taken};
    return classify(head);
}

} // namespace smsbcast
