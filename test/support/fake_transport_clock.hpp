#pragma once

#include "smsbcast/ports/clock.hpp"
#include "smsbcast/runtime/wakeup.hpp"

namespace smsbcast::test {

/// The real time, for a server under test.
class FakeTransportClock final : public Clock {
public:
    explicit FakeTransportClock(boost::asio::io_context& shard) : shard_(shard) {}

    Deadline::Clock::time_point now() const override { return Deadline::Clock::now(); }
    std::unique_ptr<Signal> make_signal() override { return std::make_unique<WakeupSignal>(shard_); }

private:
    class WakeupSignal final : public Signal {
    public:
        explicit WakeupSignal(boost::asio::io_context& shard) : wakeup_(shard) {}
        boost::asio::awaitable<bool> wait(Deadline deadline) override { return wakeup_.wait(deadline); }
        void notify_all() override { wakeup_.notify_all(); }
        void notify_one() override { wakeup_.notify_one(); }

    private:
        runtime::Wakeup wakeup_;
    };

    boost::asio::io_context& shard_;
};

} // namespace smsbcast::test
