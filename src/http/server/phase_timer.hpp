#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/http/byte_stream.hpp"

#include <memory>

namespace smsbcast::http {

/// One absolute deadline at a time over the waits on a stream; when it passes, what waits there is cancelled.
///
/// The timer of the system is touched only when it would fire too late, so a connection that exchanges a request every
/// now and then costs one timer an idle period, not one a phase. (The timers of Boost 1.81's basic_stream have bugs.)
class PhaseTimer {
public:
    PhaseTimer(asio::io_context& shard, ByteStream& stream);
    PhaseTimer(const PhaseTimer&) = delete;
    PhaseTimer& operator=(const PhaseTimer&) = delete;
    ~PhaseTimer();

    /// A new phase, which replaces the one before.
    void start(Deadline::Clock::duration budget);

    /// Nothing is limited until the next start().
    void off();

    /// The present phase has run out of time.
    bool expired() const;

private:
    struct State;
    static void arm(const std::shared_ptr<State>& state);

    std::shared_ptr<State> state_;
};

} // namespace smsbcast::http
