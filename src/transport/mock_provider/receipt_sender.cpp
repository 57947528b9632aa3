#include "receipt_sender.hpp"

#include "json_text.hpp"

#include <algorithm>
#include <span>

namespace smsbcast::transport {

namespace {

using Clock = Deadline::Clock;

constexpr std::chrono::seconds kPostTimeout{10};
// Receipts are due all the time while a broadcast runs; they are taken together as those of a millisecond.
constexpr std::chrono::milliseconds kTick{1};
constexpr std::chrono::seconds kLaneIdles{30};
constexpr std::chrono::hours kForever{24};

} // namespace

ReceiptSender::ReceiptSender(asio::io_context& shard, Ledger& ledger, std::string id_prefix, std::size_t connections)
    : shard_(shard), ledger_(ledger), id_prefix_(std::move(id_prefix)), connections_(connections), earlier_(shard),
      tasks_(shard) {}

void ReceiptSender::schedule(PendingReceipt receipt) {
    if (stopping_) {
        webhooks_.done(receipt.webhook);
        return;
    }
    ++waiting_;
    queue_.push(receipt);
    if (receipt.due < sleeps_until_)
        earlier_.notify_all();
}

Awaitable<> ReceiptSender::post_now(PendingReceipt receipt) {
    ++waiting_;
    co_await post(receipt);
}

Awaitable<> ReceiptSender::run() {
    while (!stopping_) {
        const auto now = Clock::now();
        while (const auto receipt = queue_.pop(now))
            make_ready(*receipt);
        const auto next = queue_.next_due();
        sleeps_until_ = next == Clock::time_point::max() ? now + kForever : std::max(next, now + kTick);
        co_await earlier_.wait(Deadline(sleeps_until_));
    }
}

Awaitable<> ReceiptSender::stop(Deadline deadline) {
    stopping_ = true;
    earlier_.notify_all();
    for (const auto& receipt : queue_.take_all())
        finished(receipt);
    for (const auto& origin : origins_) {
        if (!origin)
            continue;
        for (const auto& receipt : origin->ready)
            finished(receipt);
        origin->ready.clear();
        origin->arrived.notify_all();
        origin->client.cut();
    }
    co_await tasks_.join(deadline);
}

ReceiptSender::Origin& ReceiptSender::origin_of(const PendingReceipt& receipt) {
    const auto number = webhooks_.origin_of(receipt.webhook);
    if (origins_.size() <= number)
        origins_.resize(number + 1);
    auto& place = origins_[number];
    if (!place) {
        const auto& origin = webhooks_.origin(number);
        place = std::make_unique<Origin>(shard_, runtime::HttpClientOptions{.host = origin.host,
                                                                            .port = origin.port,
                                                                            .host_header = origin.host_header,
                                                                            .connections = connections_});
    }
    return *place;
}

void ReceiptSender::make_ready(const PendingReceipt& receipt) {
    auto& origin = origin_of(receipt);
    origin.ready.push_back(receipt);
    if (origin.idle_lanes > 0) {
        --origin.idle_lanes;
        origin.arrived.notify_one();
    } else if (origin.lanes < connections_) {
        ++origin.lanes;
        tasks_.spawn("receipt_lane", [this, &origin] { return lane(origin); });
    }
}

Awaitable<> ReceiptSender::lane(Origin& origin) {
    while (!stopping_) {
        if (!origin.ready.empty()) {
            const auto receipt = origin.ready.front();
            origin.ready.pop_front();
            co_await post(receipt);
            continue;
        }
        ++origin.idle_lanes;
        if (!co_await origin.arrived.wait(Deadline::after(kLaneIdles))) {
            --origin.idle_lanes;
            break;
        }
    }
    --origin.lanes;
}

Awaitable<> ReceiptSender::post(PendingReceipt receipt) {
    ++stats_.posted;
    ledger_.posted(receipt.seq);
    const bool taken = co_await exchange(receipt);
    if (taken) {
        ++stats_.acknowledged;
        ledger_.acknowledged(receipt.seq, receipt.status);
        finished(receipt);
        co_return;
    }
    const auto again = next_try(receipt, Clock::now());
    if (again && !stopping_) {
        --waiting_;
        schedule(*again);
        co_return;
    }
    ++stats_.failed;
    finished(receipt);
}

Awaitable<bool> ReceiptSender::exchange(const PendingReceipt& receipt) {
    const auto target = webhooks_.target(receipt.webhook, receipt.message, receipt.echo == ReceiptEcho::message_id);
    const auto body = body_of(receipt);
    const auto authorization = webhooks_.authorization(receipt.webhook);
    const runtime::HttpHeader header{"Authorization", authorization};
    const std::span<const runtime::HttpHeader> headers(&header, authorization.empty() ? 0 : 1);
    const runtime::HttpRequest request{
        .target = target, .headers = headers, .content_type = "application/json", .body = body};
    const auto exchanged = co_await origin_of(receipt).client.exchange(request, Deadline::after(kPostTimeout));
    const auto* response = std::get_if<runtime::HttpResponse>(&exchanged.result);
    co_return response && response->status / 100 == 2;
}

// {"provider_id":"mock-1f6a0c3b-7","message_id":"0192f0c4-…","status":"failed","error_code":"mock_failed"}
std::string ReceiptSender::body_of(const PendingReceipt& receipt) const {
    std::string body;
    body.reserve(160);
    {
        JsonObject object(body); // its destructor completes the body
        object.add("provider_id", id_prefix_ + std::to_string(receipt.provider_number));
        if (receipt.echo == ReceiptEcho::message_id)
            object.add("message_id", receipt.message);
        object.add("status", receipt.status == ReceiptStatus::failed ? "failed" : "delivered");
        if (receipt.status == ReceiptStatus::failed)
            object.add("error_code", "mock_failed");
    }
    return body;
}

void ReceiptSender::finished(const PendingReceipt& receipt) {
    webhooks_.done(receipt.webhook);
    --waiting_;
}

} // namespace smsbcast::transport
