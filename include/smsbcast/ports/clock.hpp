#pragma once

#include "smsbcast/base/deadline.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace smsbcast {

/// Something that coroutines of one shard wait for. It is no counter and does not stick: notify() resumes those that
/// wait at that moment, so a waiter tests its condition in a loop around wait().
class Signal {
public:
    virtual ~Signal() = default;

    /// True when it was notified, false when the deadline passed first.
    virtual boost::asio::awaitable<bool> wait(Deadline deadline) = 0;
    virtual void notify_all() = 0;
    virtual void notify_one() = 0;
};

/// Time and waiting, so that use cases can be stepped in tests. Belongs to one shard.
class Clock {
public:
    virtual ~Clock() = default;

    virtual Deadline::Clock::time_point now() const = 0;
    virtual std::unique_ptr<Signal> make_signal() = 0;

    Deadline in(Deadline::Clock::duration budget) const { return Deadline(now() + budget); }
};

} // namespace smsbcast
