#include "smsbcast/app/watch_parked.hpp"

#include "smsbcast/base/log.hpp"

namespace smsbcast::app {

namespace {

constexpr std::chrono::seconds kTimeout{5};

constexpr const char* kCause =
    "the broker dropped them: a policy with message-ttl, max-length or delivery-limit; or no "
    "worker could read them or was theirs. Tickets of ours are published again";

} // namespace

WatchParked::WatchParked(TicketPublisher& queue, Clock& clock)
    : queue_(queue), clock_(clock), stopped_(clock.make_signal()) {}

boost::asio::awaitable<void> WatchParked::run() {
    while (!stopping_) {
        const bool looked = co_await look();
        const Deadline next = clock_.in(looked ? kInterval : kRetry);
        while (!stopping_ && clock_.now() < next.at())
            co_await stopped_->wait(next);
    }
}

void WatchParked::stop() {
    stopping_ = true;
    stopped_->notify_all();
}

boost::asio::awaitable<bool> WatchParked::look() {
    const Result<ParkedTickets> found = co_await queue_.parked(clock_.in(kTimeout));
    if (!found)
        co_return false;
    if (!count_ && found->count > 0)
        log::info("tickets_parked", {{"parked", found->count}, {"queue", found->queue}});
    if (count_ && found->count > *count_)
        log::warn(
            "tickets_dead_lettered",
            {{"count", found->count - *count_}, {"parked", found->count}, {"queue", found->queue}, {"reason", kCause}});
    count_ = found->count;
    co_return true;
}

} // namespace smsbcast::app
