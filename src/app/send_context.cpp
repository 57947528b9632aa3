#include "send_context.hpp"

#include <algorithm>

namespace smsbcast::app {

void SendContext::board_changed() {
    for (SendLoop* loop : loops_)
        loop->board_changed();
}

void SendContext::circuit_closed() {
    for (SendLoop* loop : loops_)
        loop->circuit_closed();
}

void SendContext::stop(Deadline deadline) {
    stop_by_ = stopping_ ? earlier(stop_by_, deadline) : deadline;
    stopping_ = true;
    board_.stop();
    for (SendLoop* loop : loops_)
        loop->stopping();
    board_changed();
}

boost::asio::awaitable<void> SendContext::pause(Signal& signal, std::chrono::milliseconds length) {
    const auto end = now() + length;
    while (now() < std::min(end, stop_by_.at()))
        co_await signal.wait(earlier(Deadline(end), stop_by_));
}

} // namespace smsbcast::app
