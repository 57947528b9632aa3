#include "smsbcast/transport/receipt_door.hpp"

#include "credentials.hpp"

#include "smsbcast/base/hmac.hpp"
#include "smsbcast/base/log.hpp"
#include "smsbcast/domain/foreign_text.hpp"
#include "smsbcast/http/query.hpp"

namespace smsbcast::transport {

namespace {

bool same_secret(std::string_view one, std::string_view other) {
    return equal_in_constant_time(std::as_bytes(std::span(one)), std::as_bytes(std::span(other)));
}

} // namespace

void ReceiptDoor::open(ReceiptSeal seal) {
    seal_.emplace(std::move(seal));
    if (options_.unsigned_too)
        log::warn("receipts_unsigned",
                  {{"reason", "DLR_UNSIGNED=accept: whoever reaches the webhook can post receipts"}});
    else if (wall_clock() < seal_->since() && options_.token.empty())
        log::warn("receipts_unsigned",
                  {{"until", to_rfc3339(seal_->since())},
                   {"reason", "messages of an older release have no signature"},
                   {"advice",
                    "where the provider cannot post to the address that came with the message, give it DLR_TOKEN, or "
                    "set DLR_UNSIGNED=accept, before that time"}});
}

http::Admission ReceiptDoor::admission() {
    return [this](http::Request& request) -> Awaitable<std::optional<http::Response>> {
        const auto verdict = judge(request);
        if (verdict == Verdict::in || verdict == Verdict::in_for_its_message)
            return {};
        return refuse(refusal(request, verdict));
    };
}

ReceiptDoor::Verdict ReceiptDoor::judge(const http::Request& request, Timestamp now) const {
    if (options_.unsigned_too || shows_token(request))
        return Verdict::in;
    const http::Query query(request.query);
    const auto message = parse_uuid(without_margins(query.get("message_id").value_or("")));
    if (!seal_)
        return Verdict::without_seal;
    if (const auto sig = query.get("sig"))
        return message && seal_->is_genuine({*message}, *sig) ? Verdict::in : Verdict::wrong_seal;
    if (now < seal_->since())
        return Verdict::in;
    const bool is_older = message && !seal_->seals({*message}) && now < seal_->since() + ReceiptSeal::kUnsealedFor;
    return is_older ? Verdict::in_for_its_message : Verdict::without_seal;
}

// What was let in just before the end may be judged just after it, so the time is longer here, and whatever is not
// certainly in counts.
bool ReceiptDoor::is_for_its_message_only(const http::Request& request, Timestamp now) const {
    const bool is_over = !seal_ || now >= seal_->since() + ReceiptSeal::kUnsealedFor + std::chrono::days(1);
    return !is_over && judge(request, now) != Verdict::in;
}

bool ReceiptDoor::shows_token(const http::Request& request) const {
    if (options_.token.empty())
        return false;
    const auto bearer = bearer_token(request.header("Authorization"));
    const bool by_bearer = bearer && same_secret(*bearer, options_.token);
    return same_secret(request.header("X-Webhook-Token"), options_.token) || by_bearer;
}

// A provider that is refused leaves every message at `sent`; whoever looks for the reason finds it here.
http::Response ReceiptDoor::refusal(const http::Request& request, Verdict verdict) {
    const bool without = verdict == Verdict::without_seal;
    const http::Problem problem{401,
                                without ? "unsigned_receipt" : "wrong_signature",
                                without
                                    ? "The receipt must be posted to the address that came with its message, with its "
                                      "message_id and sig."
                                    : "The sig of the address does not fit its message_id.",
                                {},
                                {}};
    if (refused_.take())
        log::warn("receipt_refused",
                  {{"request_id", request.request_id},
                   {"code", problem.code},
                   {"peer", request.peer.to_string()},
                   {"advice",
                    without ? "where the provider cannot post to the address that it was given, let it show DLR_TOKEN, "
                              "or set DLR_UNSIGNED=accept"
                            : "someone invents receipts, or DLR_SECRET is not what it was"},
                   {"refused_so_far", refused_.seen()}});
    auto response = http::to_response(problem, request.request_id);
    response.headers.emplace_back("WWW-Authenticate", R"(Bearer realm="receipts")");
    return response;
}

Awaitable<std::optional<http::Response>> ReceiptDoor::refuse(http::Response response) {
    co_return response;
}

} // namespace smsbcast::transport
