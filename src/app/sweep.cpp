#include "smsbcast/app/sweep.hpp"

#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <algorithm>

namespace smsbcast::app {

namespace {
constexpr int kMaxRepeats = 50;
constexpr std::chrono::minutes kPurgeInterval{1};
constexpr std::chrono::milliseconds kSurelyLost = std::chrono::minutes(5);

// Of the broker, which may be silent: the other steps, expired leases above all, do not wait for it.
constexpr std::chrono::seconds kBrokerTimeout{1};

constexpr const char* kWhyRequeued =
    "no worker takes them (none runs, or its provider is away), or the queue lost them: a consumer that is not ours, a "
    "purge, a policy with message-ttl or max-length";
} // namespace

const Sweep::Step Sweep::kSteps[] = {
    {"leases_expired", &Sweep::expire_leases},       {"tickets_requeued", &Sweep::requeue_lost, kWhyRequeued},
    {"receipts_matched", &Sweep::match_inbox},       {"messages_canceled", &Sweep::finish_cancels},
    {"messages_expired", &Sweep::expire_broadcasts}, {"unknown_ended", &Sweep::end_unresolved},
    {"broadcasts_completed", &Sweep::complete},
};

Sweep::Sweep(Housekeeping& housekeeping, TicketPublisher& queue, Clock& clock, SweepOptions options)
    : housekeeping_(housekeeping), queue_(queue), clock_(clock), options_(options), began_(clock.now()),
      queue_began_empty_(options.queue_begins_empty), purge_at_(clock.now()), stopped_(clock.make_signal()) {}

boost::asio::awaitable<void> Sweep::run() {
    while (!stopping_) {
        co_await round();
        const Deadline next = clock_.in(options_.interval);
        while (!stopping_ && clock_.now() < next.at())
            co_await stopped_->wait(next);
    }
}

void Sweep::stop() {
    stopping_ = true;
    stopped_->notify_all();
}

boost::asio::awaitable<bool> Sweep::round() {
    headway_.waits(clock_.now());
    const Step forgotten{"tickets_requeued", &Sweep::requeue_forgotten};
    if (queue_began_empty_ && !co_await repeat(forgotten))
        co_return false;
    for (const Step& step : kSteps)
        if (!co_await repeat(step))
            co_return false;
    if (receipts_.due(clock_.now()))
        co_await watch_receipts();
    if (clock_.now() < purge_at_)
        co_return true;
    const Step purge{"receipts_purged", &Sweep::purge_inbox};
    if (!co_await repeat(purge))
        co_return false;
    purge_at_ = clock_.now() + kPurgeInterval;
    co_return true;
}

boost::asio::awaitable<bool> Sweep::repeat(Step step) {
    std::int64_t total = 0;
    boost::system::error_code error;
    for (int i = 0; i < kMaxRepeats && !stopping_; ++i) {
        const Result<std::int64_t> moved = co_await (this->*step.run)();
        if (!moved)
            error = moved.error();
        else
            headway_.moved();
        if (!moved || *moved == 0)
            break;
        total += *moved;
    }
    if (total > 0 && step.cause)
        log::warn(step.event, {{"count", total}, {"reason", step.cause}});
    else if (total > 0)
        log::info(step.event, {{"count", total}});
    if (total > 0)
        chaos::failpoint("outbox.after_sweep");
    if (error)
        log::warn("sweep_failed", {{"step", step.event}, {"error", error}});
    // A transaction that lost against another one, or rows that cannot be changed, say nothing against the next step.
    co_return !error || error == Errc::retry || !is_retryable(error);
}

boost::asio::awaitable<void> Sweep::watch_receipts() {
    const Result<ReceiptSigns> signs = co_await housekeeping_.receipt_signs(budget());
    if (!signs) {
        receipts_.missed(clock_.now());
        log::warn("sweep_failed", {{"step", "receipt_signs"}, {"error", signs.error()}});
        co_return;
    }
    const auto sign = receipts_.saw(*signs, clock_.now());
    if (sign == ReceiptWatch::Sign::missing)
        log::warn(
            "no_receipts",
            {{"accepted", signs->unreceipted},
             {"webhook_url", options_.webhook_url},
             {"advice", "the provider may be unable to reach this address (DLR_WEBHOOK_URL), the role dlr may not "
                        "run there, or the provider sends no receipts unless it is told to"}});
    else if (sign == ReceiptWatch::Sign::arrived)
        log::info("receipts_arrive");
}

Sweep::Moved Sweep::expire_leases() {
    return housekeeping_.expire_leases(options_.resolve_within, budget());
}

// What an earlier process had queued in itself.
Sweep::Moved Sweep::requeue_forgotten() {
    // What this process has queued by itself meanwhile is younger than it.
    const auto age = std::chrono::ceil<std::chrono::milliseconds>(clock_.now() - began_);
    const Result<std::int64_t> moved = co_await housekeeping_.requeue_lost(age, Loss::certain, budget());
    queue_began_empty_ = !moved || *moved > 0;
    co_return moved;
}

Sweep::Moved Sweep::requeue_lost() {
    const Result<std::int64_t> waiting = co_await queue_.waiting(clock_.in(kBrokerTimeout));
    if (!waiting)
        co_return 0;
    // While others wait there, a ticket may just be slow; after that long it is lost, however busy the queue is. One
    // that is published twice is taken once.
    const auto after = *waiting > 0 ? std::max(kSurelyLost, 5 * options_.queued_recheck) : options_.queued_recheck;
    co_return co_await housekeeping_.requeue_lost(after, Loss::suspected, budget());
}

Sweep::Moved Sweep::match_inbox() {
    return housekeeping_.match_inbox(budget());
}

Sweep::Moved Sweep::finish_cancels() {
    return housekeeping_.finish_cancels(options_.resolve_within, budget());
}

Sweep::Moved Sweep::expire_broadcasts() {
    return housekeeping_.expire_broadcasts(options_.resolve_within, budget());
}

Sweep::Moved Sweep::end_unresolved() {
    return housekeeping_.end_unresolved(budget());
}

Sweep::Moved Sweep::complete() {
    return housekeeping_.complete(budget());
}

Sweep::Moved Sweep::purge_inbox() {
    return housekeeping_.purge_inbox(options_.inbox_retention, budget());
}

} // namespace smsbcast::app
