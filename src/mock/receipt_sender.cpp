#include "receipt_sender.hpp"

#include "smsbcast/base/json_text.hpp"

#include <algorithm>
#include <span>

namespace smsbcast::mock {

namespace {

using Clock = Deadline::Clock;

// A receiver that answers after its commit takes milliseconds; ten seconds are patience with one
// that is being restarted.
constexpr std::chrono::seconds kPostTimeout{10};
// Receipts are due all the time while a broadcast runs; those of one millisecond are taken
// together, which costs one expiry of the timer and not one each.
constexpr std::chrono::milliseconds kTick{1};
constexpr std::chrono::hours kForever{24};

} // namespace

ReceiptSender::ReceiptSender(asio::io_context& shard, Ledger& ledger, const ProviderIds& ids, std::size_t connections)
    : shard_(shard), ledger_(ledger), ids_(ids), connections_(connections), earlier_(shard), tasks_(shard) {}

void ReceiptSender::schedule(PendingReceipt receipt) {
    if (stopping_) {
        webhooks_.done(receipt.webhook);
        return;
    }
    ++waiting_;
    queue_.push(receipt);
    // run() sleeps until the earliest receipt that it knew, and this one comes before it.
    if (receipt.due < sleeps_until_)
        earlier_.notify_all();
}

Awaitable<> ReceiptSender::post_now(PendingReceipt receipt) {
    ++waiting_;
    // The window of the origin does not count this one, since the answer to the message waits for
    // it.
    co_await post(receipt);
}

Awaitable<> ReceiptSender::run() {
    while (!stopping_) {
        const auto now = Clock::now();
        // What is due is handed to its origin. A slow one then holds up its own receipts and nobody
        // else's.
        while (const auto receipt = queue_.pop(now)) {
            auto& origin = origin_of(*receipt);
            origin.ready.push_back(*receipt);
            begin_ready(origin);
        }
        const auto next = queue_.next_due();
        sleeps_until_ = next == Clock::time_point::max() ? now + kForever : std::max(next, now + kTick);
        co_await earlier_.wait(Deadline(sleeps_until_));
    }
}

Awaitable<> ReceiptSender::stop(Deadline deadline) {
    stopping_ = true;
    earlier_.notify_all();
    // A mock keeps everything in memory, so what waits at its end is lost, as the README says.
    for (const auto& receipt : queue_.take_all())
        finished(receipt);
    for (const auto& origin : origins_) {
        if (!origin)
            continue;
        for (const auto& receipt : origin->ready)
            finished(receipt);
        origin->ready.clear();
        // Posts under way end now with an error, and their tasks with them.
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
        place = std::make_unique<Origin>(shard_, http::ClientOptions{.host = origin.host,
                                                                     .port = origin.port,
                                                                     .host_header = origin.host_header,
                                                                     .connections = connections_});
    }
    return *place;
}

std::optional<PendingReceipt> ReceiptSender::next_ready(Origin& origin) const {
    // The window finds by itself how many posts at a time pay off, so the mock is not what limits a
    // benchmark, and does not drown a receiver either.
    if (stopping_ || origin.ready.empty() || !origin.window.admits())
        return std::nullopt;
    const auto receipt = origin.ready.front();
    origin.ready.pop_front();
    return receipt;
}

void ReceiptSender::begin_ready(Origin& origin) {
    while (const auto receipt = next_ready(origin)) {
        const auto start = origin.window.begin(Clock::now());
        tasks_.spawn("receipt",
                     [this, &origin, receipt = *receipt, start] { return post_ready(origin, receipt, start); });
    }
}

// A task goes on with whatever is ready as long as the window lets it; what the window grew by gets
// tasks of its own.
Awaitable<> ReceiptSender::post_ready(Origin& origin, PendingReceipt receipt, app::FlightWindow::Start start) {
    for (std::optional<PendingReceipt> next = receipt; next;) {
        const auto sign = co_await post(*next);
        const auto now = Clock::now();
        origin.window.end(start, sign, now);
        next = next_ready(origin);
        if (next)
            start = origin.window.begin(now);
        begin_ready(origin);
    }
}

Awaitable<ReceiptSender::Sign> ReceiptSender::post(PendingReceipt receipt) {
    ++stats_.posted;
    ledger_.posted(receipt.seq);
    const auto [taken, sign] = co_await exchange(receipt);
    if (taken) {
        ++stats_.acknowledged;
        ledger_.acknowledged(receipt.seq, receipt.status);
        finished(receipt);
        co_return sign;
    }
    const auto again = next_try(receipt, Clock::now());
    if (again && !stopping_) {
        // schedule() counts it again.
        --waiting_;
        schedule(*again);
        co_return sign;
    }
    ++stats_.failed;
    finished(receipt);
    co_return sign;
}

Awaitable<ReceiptSender::Exchanged> ReceiptSender::exchange(const PendingReceipt& receipt) {
    const auto target = webhooks_.target(receipt.webhook, receipt.message, receipt.echo == ReceiptEcho::message_id);
    const auto body = body_of(receipt);
    const auto authorization = webhooks_.authorization(receipt.webhook);
    const http::Header header{"Authorization", authorization};
    const std::span<const http::Header> headers(&header, authorization.empty() ? 0 : 1);
    const http::ClientRequest request{
        .target = target, .headers = headers, .content_type = "application/json", .body = body};
    const auto exchanged = co_await origin_of(receipt).client.exchange(request, Deadline::after(kPostTimeout));
    const auto* response = std::get_if<http::ClientResponse>(&exchanged.result);
    // These answers, and silence, say that the receiver has more than it can take. Any other
    // answer, a 400 too, shows that it works.
    const bool busy = !response || response->status == 429 || response->status == 503;
    co_return Exchanged{response && response->status / 100 == 2, busy ? Sign::overloaded : Sign::answered};
}

// {"provider_id":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","message_id":"0192f0c4-…","status":"failed","error_code":"mock_failed"}
std::string ReceiptSender::body_of(const PendingReceipt& receipt) const {
    std::string body;
    body.reserve(160);
    {
        JsonObject object(body); // its destructor completes the body
        object.add("provider_id", ids_.text(receipt.provider_number));
        if (receipt.named && receipt.echo == ReceiptEcho::message_id)
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

} // namespace smsbcast::mock
