#include "ticket_queue.hpp"

#include <algorithm>
#include <utility>

namespace smsbcast::adapters::inprocess {

std::size_t TicketQueue::push(std::span<const TicketRef> tickets) {
    const std::lock_guard lock(mutex_);
    // Tickets that came back may have filled the queue beyond its capacity; the subtraction must
    // not wrap around.
    const std::size_t room = capacity_ - std::min(capacity_, waiting_.size());
    const std::size_t taken = std::min(room, tickets.size());
    for (const auto& ticket : tickets.first(taken))
        waiting_.push_back({ticket, false});
    if (taken > 0)
        tell();
    return taken;
}

// A pulled ticket is nowhere but with its consumer, which gives it back when it is destroyed. Only
// the end of the process loses it, and then the store still has it.
std::vector<Waiting> TicketQueue::pull(std::size_t most) {
    const std::lock_guard lock(mutex_);
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(most, waiting_.size()));
    std::vector<Waiting> pulled(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    return pulled;
}

void TicketQueue::give_back(std::span<const TicketRef> tickets) {
    if (tickets.empty())
        return;
    const std::lock_guard lock(mutex_);
    // Pushing to the front from the last to the first keeps their order, so what was oldest is
    // pulled first again.
    for (auto it = tickets.rbegin(); it != tickets.rend(); ++it)
        waiting_.push_front({*it, true});
    tell();
}

std::size_t TicketQueue::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

std::uint64_t TicketQueue::listen(Listener listener) {
    const std::lock_guard lock(mutex_);
    listeners_.emplace(next_listener_, std::move(listener));
    return next_listener_++;
}

void TicketQueue::ignore(std::uint64_t listener) {
    const std::lock_guard lock(mutex_);
    // tell() runs under the same mutex, so no call of this listener is under way when this returns.
    listeners_.erase(listener);
}

void TicketQueue::tell() {
    for (const auto& [id, listener] : listeners_)
        listener();
}

} // namespace smsbcast::adapters::inprocess
