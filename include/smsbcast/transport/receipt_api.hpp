#pragma once

#include "smsbcast/app/apply_receipts.hpp"
#include "smsbcast/base/log_sample.hpp"
#include "smsbcast/http/problem.hpp"
#include "smsbcast/transport/receipt_door.hpp"

#include <chrono>
#include <cstddef>
#include <vector>

namespace smsbcast::transport {

using runtime::Awaitable;

struct ReceiptApiOptions {
    std::size_t max_body = 64 * 1024;
    std::chrono::milliseconds timeout{10000}; ///< until the receipt is durable
};

/// `POST /dlr?message_id=&sig=` `{"provider_id","status":"delivered"|"failed","message_id"?,"error_code"?}`: what
/// providers call. 204 after the commit; 400 for a body that says nothing; 503 with Retry-After when it is not durable
/// and must be sent again. Members and parameters beyond these are let through, since it is someone else's program that
/// sends them. Belongs to the shard of the use case; must outlive its routes.
class ReceiptApi {
public:
    /// @param door decides who may post receipts; must outlive the routes too
    ReceiptApi(app::ApplyReceipts& apply, ReceiptDoor& door, ReceiptApiOptions options)
        : apply_(apply), door_(door), options_(options) {}

    std::vector<http::Route> routes();

private:
    Awaitable<http::Response> take(const http::Request& request);
    void note_refusal(const http::Problem& problem, const http::Request& request);

    app::ApplyReceipts& apply_;
    ReceiptDoor& door_;
    ReceiptApiOptions options_;
    LogSample refused_;
};

} // namespace smsbcast::transport
