#pragma once

#include "event_fd.hpp"

#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

namespace smsbcast::adapters::rabbitmq {

/// Commands of the shard for the AMQP thread: functions that the thread runs, in order.
class Mailbox {
public:
    using Command = std::function<void()>;

    explicit Mailbox(std::size_t limit) : limit_(limit) {}

    /// From any thread. False when as many commands as the limit lie here already.
    bool post(Command command);

    std::vector<Command> take();

    /// Readable while there is something to take.
    int fd() const { return filled_.fd(); }

private:
    const std::size_t limit_;
    EventFd filled_;
    std::mutex mutex_;
    std::vector<Command> commands_;
};

} // namespace smsbcast::adapters::rabbitmq
