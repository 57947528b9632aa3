#pragma once

#include "smsbcast/base/deadline.hpp"

#include <atomic>
#include <mutex>

namespace smsbcast::adapters::rabbitmq {

/// Keeps a call into the library from hanging for ever: another thread looks at it from time to time and cuts the
/// connection's socket, which makes the call return with an error.
///
/// It is the only means that always works. In rabbitmq-c 0.11 a publish waits without limit when the broker does not
/// read (an alarm) or when the peer fell silent at the wrong moment; send timeouts and heartbeats do not apply there.
class CallWatch {
public:
    using Clock = Deadline::Clock;

    explicit CallWatch(Clock::duration limit) : limit_(limit) {}
    CallWatch(const CallWatch&) = delete;
    CallWatch& operator=(const CallWatch&) = delete;
    ~CallWatch() { detach(); }

    /// Encloses a library call, on the AMQP thread.
    class Call {
    public:
        explicit Call(CallWatch& watch) : watch_(watch) {
            watch_.since_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
        }
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;
        ~Call() { watch_.since_.store(0, std::memory_order_relaxed); }

    private:
        CallWatch& watch_;
    };

    /// The socket to cut. It is duplicated: the library may close its own descriptor within any call, and the number
    /// may belong to somebody else a moment later. False when no descriptor was free for that: do not use the socket.
    bool attach(int socket);
    void detach();

    /// From another thread. True when a call had taken too long and its socket was cut.
    bool check(Clock::time_point now);

    /// From another thread: cuts the present socket and each one that is attached later.
    void cut_for_good();

private:
    void cut();

    const Clock::duration limit_;
    std::atomic<Clock::rep> since_{0};
    std::mutex mutex_;
    int socket_ = -1;
    bool cut_for_good_ = false;
};

} // namespace smsbcast::adapters::rabbitmq
