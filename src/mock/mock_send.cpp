#include "mock_impl.hpp"

#include "smsbcast/base/json_text.hpp"

#include <algorithm>
#include <functional>

namespace smsbcast::mock {

namespace {

// The bound is the one that Stripe documents for its keys, and so a common one.
constexpr std::size_t kMaxKey = 255;

// 503 means "not taken" to a sender that reads it so; Retry-After keeps it from coming back at
// once.
http::Problem try_later(std::string code, std::string detail) {
    return {503, std::move(code), std::move(detail), {}, std::chrono::seconds(1)};
}

http::Problem unusable(Webhooks::Refusal refusal) {
    if (refusal == Webhooks::Refusal::too_many)
        return try_later("too_many_webhooks", "Receipts wait for too many different addresses.");
    return {422,
            "invalid_webhook",
            "The webhook's address is not accepted.",
            {{"dlr_webhook_url", {}, "invalid", "must be an http:// address"}},
            {}};
}

} // namespace

Awaitable<http::Response> MockProvider::Impl::send(const http::Request& request) {
    // Everything that came is counted, also what is refused below.
    ++stats_.requests;
    stats_.most_in_flight = std::max(stats_.most_in_flight, ++in_flight_);
    auto response = co_await handle(request);
    --in_flight_;
    co_return response;
}

Awaitable<http::Response> MockProvider::Impl::handle(const http::Request& request) {
    auto taken = take(request);
    if (const auto* problem = std::get_if<http::Problem>(&taken))
        co_return refuse(request, *problem);
    auto& call = std::get<Call>(taken);
    // The dice are thrown for repetitions as well: a 429 to one of them says nothing of whether the
    // first was accepted.
    auto plan = dice_.request(faults_);
    // The refusal of a number is a property of the number and beats the dice.
    if (is_refused(faults_, call.phone))
        plan.mishap = Mishap::refuse;
    // It is noted before the answer: the sender may come again as soon as it has lost the
    // connection.
    if (plan.leaves_uncertain(faults_.error_status))
        ledger_.leave_uncertain(call.seq);
    if (call.number != 0)
        ++stats_.duplicates;
    // No receipt comes of this request, so its use of the webhook ends here.
    if (call.number != 0 || !plan.accepts()) {
        receipts_.webhooks().done(call.webhook);
    } else if (const auto first = accept(call, plan)) {
        // The receipt overtakes the answer, which is the case that a sender's store must survive.
        co_await receipts_.post_now(*first);
    }
    if (plan.latency.count() > 0 && !stopping_)
        // Acceptance came before the wait, as with a real provider whose answer is slow: a client
        // that gives up has sent its message.
        co_await pause_.wait(Deadline::after(plan.latency));
    co_return answer(request, plan, call);
}

std::variant<MockProvider::Impl::Call, http::Problem> MockProvider::Impl::take(const http::Request& request) {
    if (stopping_)
        return try_later("stopping", "");
    const auto read = read_send_request(request.body);
    if (const auto* problem = std::get_if<http::Problem>(&read))
        return *problem;
    const auto& sent = std::get<SendRequest>(read);
    const auto key = request.header("Idempotency-Key");
    if (key.size() > kMaxKey)
        return http::Problem{400, "invalid_key", "The Idempotency-Key may have at most 255 bytes.", {}, {}};
    const auto webhook = receipts_.webhooks().use(webhook_of(sent), sent.message);
    if (const auto* refusal = std::get_if<Webhooks::Refusal>(&webhook))
        return unusable(*refusal);
    // A provider that ignores keys accepts a repetition under a new id. The key is forgotten for
    // this request alone.
    const auto known_key = dice_.ignores_key(faults_) ? std::string_view() : key;
    const SendCall call{sent.message, sent.phone, known_key, std::hash<std::string_view>{}(request.body),
                        faults_.receipt_echo};
    const auto ref = std::get<Webhooks::Ref>(webhook);
    auto entered = enter(call, sent.named, ref);
    // Nothing will be posted for a request that was refused.
    if (std::holds_alternative<http::Problem>(entered))
        receipts_.webhooks().done(ref);
    return entered;
}

// A message without an address of its own has the configured one, with its id if it has one.
std::string MockProvider::Impl::webhook_of(const SendRequest& sent) const {
    if (!sent.webhook_url.empty() || options_.webhook_url.empty() || !sent.named)
        return sent.webhook_url.empty() ? options_.webhook_url : sent.webhook_url;
    const char separator = options_.webhook_url.find('?') == std::string::npos ? '?' : '&';
    return options_.webhook_url + separator + "message_id=" + to_string(sent.message);
}

std::variant<MockProvider::Impl::Call, http::Problem> MockProvider::Impl::enter(const SendCall& call, bool named,
                                                                                Webhooks::Ref webhook) {
    const auto entered = ledger_.enter(call, wall_clock());
    if (entered.known == Ledger::Known::conflicting)
        return http::Problem{422, "key_reused", "The Idempotency-Key came with another body before.", {}, {}};
    // A repetition makes no new receipt, so it is answered also when there is no room.
    if (entered.provider_number == 0 && receipts_.waiting() >= options_.max_waiting_receipts)
        return try_later("too_many_receipts", "Too many receipts wait to be posted.");
    return Call{call.message, call.phone, named, webhook, entered.seq, entered.provider_number, entered.echo};
}

// It gives the receipt that is to be posted before the answer, if there is one.
std::optional<PendingReceipt> MockProvider::Impl::accept(Call& call, const RequestPlan& plan) {
    ++stats_.accepted;
    call.number = ledger_.accept(call.seq);
    const auto outcome = dice_.receipt(faults_);
    auto& webhooks = receipts_.webhooks();
    if (outcome.lost) {
        webhooks.done(call.webhook);
        return std::nullopt;
    }
    // Delays count from the answer, which comes after the latency.
    const auto answered_at = Deadline::Clock::now() + plan.latency;
    PendingReceipt receipt{.due = answered_at + outcome.delay,
                           .give_up_at = answered_at + outcome.delay + ReceiptQueue::kLongest,
                           .seq = call.seq,
                           .provider_number = call.number,
                           .message = call.message,
                           .webhook = call.webhook,
                           .status = outcome.failed ? ReceiptStatus::failed : ReceiptStatus::delivered,
                           .echo = call.echo,
                           .named = call.named};
    if (outcome.doubled) {
        auto second = receipt;
        second.due = answered_at + outcome.second_delay;
        // Each of the two receipts gives one use back when it is done.
        webhooks.use_again(call.webhook);
        receipts_.schedule(second);
    }
    if (outcome.first)
        return receipt;
    receipts_.schedule(receipt);
    return std::nullopt;
}

http::Response MockProvider::Impl::refuse(const http::Request& request, const http::Problem& problem) {
    // The mock's own bounds count as throttling: the request was not taken and may come again.
    ++(problem.status == 503 ? stats_.throttled : stats_.rejected);
    return http::to_response(problem, request.request_id);
}

http::Response MockProvider::Impl::answer(const http::Request& request, const RequestPlan& plan, const Call& call) {
    if (!plan.accepts())
        return fail(request, plan.mishap);
    http::Response response;
    // 202 and not 200: the message was accepted and is not delivered yet (RFC 9110 §15.3.3).
    response.status = 202;
    {
        JsonObject body(response.body); // its destructor completes the body
        body.add("provider_id", ids_.text(call.number));
        if (call.named && call.echo == ReceiptEcho::message_id)
            body.add("message_id", call.message);
    }
    // The body is whole in each of these cases. The server spoils its way to the client, as a
    // network would.
    switch (plan.mishap) {
    case Mishap::reset_after:
        ++stats_.resets;
        response.fault = http::ResponseFault::reset;
        break;
    case Mishap::hang:
        ++stats_.hangs;
        response.fault = http::ResponseFault::no_answer;
        break;
    case Mishap::truncate:
        ++stats_.truncated;
        response.fault = http::ResponseFault::truncated;
        break;
    case Mishap::none:
    case Mishap::throttle:
    case Mishap::error:
    case Mishap::reset_before:
    case Mishap::refuse: break;
    }
    return response;
}

http::Response MockProvider::Impl::fail(const http::Request& request, Mishap mishap) {
    if (mishap == Mishap::throttle) {
        ++stats_.throttled;
        const http::Problem problem{429, "throttled", "Slow down.", {}, faults_.retry_after};
        return http::to_response(problem, request.request_id);
    }
    if (mishap == Mishap::refuse) {
        ++stats_.rejected;
        const http::Problem problem{faults_.refuse_status, "refused_number", "This number takes no messages.", {}, {}};
        return http::to_response(problem, request.request_id);
    }
    if (mishap == Mishap::error) {
        ++stats_.errors;
        const http::Problem problem{faults_.error_status, "injected_error", "An error that was asked for.", {}, {}};
        return http::to_response(problem, request.request_id);
    }
    ++stats_.resets;
    http::Response response;
    response.fault = http::ResponseFault::reset;
    return response;
}

} // namespace smsbcast::mock
