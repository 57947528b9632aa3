#pragma once

#include "smsbcast/base/log.hpp"
#include "smsbcast/ports/clock.hpp"

#include <catch2/catch.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <string_view>

namespace smsbcast::test {

namespace asio = boost::asio;
using TimePoint = Deadline::Clock::time_point;

/// A clock that stands still until it is moved. Its signals resume coroutines on a real io_context.
class ManualClock : public Clock {
public:
    explicit ManualClock(asio::io_context& io) : io_(io) {}

    TimePoint now() const override { return now_; }
    std::unique_ptr<Signal> make_signal() override { return std::make_unique<ManualSignal>(*this); }

    /// The earliest deadline that something waits for, or the end of time.
    TimePoint next_deadline() const {
        TimePoint next = TimePoint::max();
        for (const Waiter* waiter : waiters_)
            if (!waiter->notified && !waiter->expired)
                next = std::min(next, waiter->deadline);
        return next;
    }

    void move_to(TimePoint time) {
        now_ = std::max(now_, time);
        for (Waiter* waiter : waiters_) {
            if (waiter->deadline <= now_ && !waiter->notified) {
                waiter->expired = true;
                waiter->timer.cancel();
            }
        }
    }

private:
    class ManualSignal;
    struct Waiter {
        Waiter(asio::io_context& io, const ManualSignal* of, TimePoint until)
            : signal(of), deadline(until), timer(io, TimePoint::max()) {}
        const ManualSignal* signal;
        TimePoint deadline;
        asio::steady_timer timer;
        bool notified = false;
        bool expired = false;
    };

    class ManualSignal : public Signal {
    public:
        explicit ManualSignal(ManualClock& clock) : clock_(clock) {}
        asio::awaitable<bool> wait(Deadline deadline) override { return clock_.wait(this, deadline); }
        void notify_all() override { clock_.notify(this, true); }
        void notify_one() override { clock_.notify(this, false); }

    private:
        ManualClock& clock_;
    };

    asio::awaitable<bool> wait(const ManualSignal* signal, Deadline deadline) {
        if (deadline.at() <= now_) {
            co_await asio::post(io_, asio::use_awaitable);
            co_return false;
        }
        Waiter waiter(io_, signal, deadline.at());
        const auto place = waiters_.insert(waiters_.end(), &waiter);
        co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
        waiters_.erase(place);
        co_return waiter.notified;
    }

    void notify(const ManualSignal* signal, bool all) {
        for (Waiter* waiter : waiters_) {
            if (waiter->signal != signal || waiter->notified || waiter->expired)
                continue;
            waiter->notified = true;
            waiter->timer.cancel();
            if (!all)
                return;
        }
    }

    asio::io_context& io_;
    TimePoint now_ = TimePoint{} + std::chrono::hours(1000);
    std::list<Waiter*> waiters_;
};

/// One shard with a clock that the test moves. Coroutines run until each of them waits. Log lines are dropped
/// meanwhile.
class Loop {
public:
    asio::io_context io;
    ManualClock clock{io};

    Loop() {
        log::set_sink([](std::string_view) {});
    }
    ~Loop() {
        log::set_sink(nullptr);
        CHECK(running_ == 0);
    }

    void spawn(asio::awaitable<void> task) {
        ++running_;
        asio::co_spawn(io, std::move(task), [this](const std::exception_ptr& failure) {
            --running_;
            if (failure)
                std::rethrow_exception(failure);
        });
    }

    int running() const { return running_; }

    /// Until everything waits. Time stands still.
    void settle() {
        for (int steps = 0; io.poll_one() > 0; ++steps)
            if (steps == kMaxSteps)
                FAIL("a coroutine spins");
        if (io.stopped())
            io.restart();
    }

    /// Moves from deadline to deadline, settling at each.
    void advance(std::chrono::nanoseconds by) {
        settle();
        const TimePoint end = clock.now() + by;
        while (clock.next_deadline() <= end) {
            clock.move_to(clock.next_deadline());
            settle();
        }
        clock.move_to(end);
        settle();
    }

    /// Advances until `done` says so. False when it did not within `most`.
    template <class Done>
    bool advance_until(Done done, std::chrono::nanoseconds most = std::chrono::minutes(10)) {
        const TimePoint end = clock.now() + most;
        for (settle(); !done(); settle()) {
            const TimePoint next = clock.next_deadline();
            if (next > end)
                return false;
            clock.move_to(next);
        }
        return true;
    }

    bool run_dry(std::chrono::nanoseconds most = std::chrono::minutes(10)) {
        return advance_until([this] { return running_ == 0; }, most);
    }

private:
    static constexpr int kMaxSteps = 1'000'000;
    int running_ = 0;
};

/// Runs one awaitable to its end and returns its value.
template <class T>
T run(Loop& loop, asio::awaitable<T> task) {
    std::optional<T> value;
    loop.spawn([](asio::awaitable<T> inner, std::optional<T>& out) -> asio::awaitable<void> {
        out.emplace(co_await std::move(inner));
    }(std::move(task), value));
    REQUIRE(loop.advance_until([&] { return value.has_value(); }));
    return std::move(*value);
}

} // namespace smsbcast::test
