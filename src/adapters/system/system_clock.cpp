#include "smsbcast/adapters/system/system_clock.hpp"

#include "smsbcast/runtime/wakeup.hpp"

namespace smsbcast::adapters::system {

namespace {

class ShardSignal final : public Signal {
public:
    explicit ShardSignal(boost::asio::io_context& shard) : wakeup_(shard) {}

    boost::asio::awaitable<bool> wait(Deadline deadline) override { return wakeup_.wait(deadline); }
    void notify_all() override { wakeup_.notify_all(); }
    void notify_one() override { wakeup_.notify_one(); }

private:
    runtime::Wakeup wakeup_;
};

// Deadlines rest on the monotonic clock, so a wall clock that is set back or forth neither ends a
// wait nor prolongs it.
class SystemClock final : public Clock {
public:
    explicit SystemClock(boost::asio::io_context& shard) : shard_(shard) {}

    Deadline::Clock::time_point now() const override { return Deadline::Clock::now(); }
    std::unique_ptr<Signal> make_signal() override { return std::make_unique<ShardSignal>(shard_); }

private:
    boost::asio::io_context& shard_;
};

} // namespace

std::unique_ptr<Clock> make_clock(boost::asio::io_context& shard) {
    return std::make_unique<SystemClock>(shard);
}

} // namespace smsbcast::adapters::system
