#include "smsbcast/transport/receipt_api.hpp"

#include "answers.hpp"
#include "receipt_body.hpp"

#include "smsbcast/base/log.hpp"

namespace smsbcast::transport {

std::vector<Route> ReceiptApi::routes() {
    Route route{.method = "POST",
                .path = "/dlr",
                .max_body = options_.max_body,
                .handle = [this](const Request& request) { return take(request); }};
    return {std::move(route)};
}

// A provider that is misunderstood leaves every message at `sent`; whoever looks for the reason finds it here.
void ReceiptApi::note_refusal(const Problem& problem, const Request& request) {
    if (!refused_.take())
        return;
    log::warn("receipt_refused", {{"request_id", request.request_id},
                                  {"code", problem.code},
                                  {"field", problem.errors.empty() ? "" : problem.errors.front().field},
                                  {"refused_so_far", refused_.seen()}});
}

Awaitable<Response> ReceiptApi::take(const Request& request) {
    auto outcome = read_receipt(request.body, request.query);
    if (const auto* problem = std::get_if<Problem>(&outcome)) {
        note_refusal(*problem, request);
        co_return to_response(*problem, request.request_id);
    }
    auto applying = apply_(std::move(std::get<Receipt>(outcome)), Deadline::after(options_.timeout));
    const auto fate = co_await std::move(applying);
    if (!fate)
        co_return failed(fate.error(), request);
    Response response;
    response.status = 204;
    co_return response;
}

} // namespace smsbcast::transport
