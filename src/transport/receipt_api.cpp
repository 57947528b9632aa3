#include "smsbcast/transport/receipt_api.hpp"

#include "answers.hpp"
#include "receipt_body.hpp"

#include "smsbcast/base/log.hpp"

namespace smsbcast::transport {

std::vector<http::Route> ReceiptApi::routes() {
    http::Route route{.method = "POST",
                      .path = "/dlr",
                      .max_body = options_.max_body,
                      .admit = door_.admission(),
                      .handle = [this](const http::Request& request) { return take(request); }};
    return {std::move(route)};
}

// A provider that is misunderstood leaves every message at `sent`; whoever looks for the reason finds it here.
void ReceiptApi::note_refusal(const http::Problem& problem, const http::Request& request) {
    if (!refused_.take())
        return;
    log::warn("receipt_refused", {{"request_id", request.request_id},
                                  {"code", problem.code},
                                  {"field", problem.errors.empty() ? "" : problem.errors.front().field},
                                  {"refused_so_far", refused_.seen()}});
}

Awaitable<http::Response> ReceiptApi::take(const http::Request& request) {
    auto read = read_receipt(request.body, request.query);
    if (const auto* problem = std::get_if<http::Problem>(&read)) {
        note_refusal(*problem, request);
        co_return http::to_response(*problem, request.request_id);
    }
    auto& receipt = std::get<Receipt>(read);
    if (door_.is_for_its_message_only(request))
        receipt.provider_id.clear(); // which would find another message where there is none of that id
    auto applying = apply_(std::move(receipt), Deadline::after(options_.timeout));
    const auto outcome = co_await std::move(applying);
    if (!outcome)
        co_return failed(outcome.error(), request);
    http::Response response;
    response.status = 204;
    co_return response;
}

} // namespace smsbcast::transport
