#pragma once

#include "smsbcast/domain/ticket.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <vector>

namespace smsbcast::adapters::inprocess {

struct Waiting {
    TicketRef ticket;
    bool redelivered = false;
};

/// Tickets that wait, and the listeners that want to hear of them. It is the only thing that the
/// sides share, hence the only mutex.
class TicketQueue {
public:
    using Listener = std::function<void()>; ///< called on the thread of whoever made tickets wait; must not call back

    explicit TicketQueue(std::size_t capacity) : capacity_(capacity) {}
    TicketQueue(const TicketQueue&) = delete;
    TicketQueue& operator=(const TicketQueue&) = delete;

    /// Gives how many there was room for, from the first on.
    std::size_t push(std::span<const TicketRef> tickets);

    /// Takes the oldest tickets. They are the caller's until it gives them back.
    std::vector<Waiting> pull(std::size_t most);

    /// Puts tickets back to the head, in this order and whatever the capacity: they were accepted
    /// once.
    void give_back(std::span<const TicketRef> tickets);

    std::size_t waiting() const;

    std::uint64_t listen(Listener listener);

    /// Once it returned, the listener is not called any more.
    void ignore(std::uint64_t listener);

private:
    void tell();

    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::deque<Waiting> waiting_;
    std::map<std::uint64_t, Listener> listeners_;
    std::uint64_t next_listener_ = 1;
};

} // namespace smsbcast::adapters::inprocess
