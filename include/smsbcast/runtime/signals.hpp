#pragma once

#include "smsbcast/runtime/asio.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>

namespace smsbcast::runtime {

/// From now on SIGHUP, SIGUSR1 and SIGUSR2, by which people ask other programs to read their configuration again, do
/// nothing to this process: they are held back in this thread and in those that it starts. Call it before the first
/// one is started.
void hold_back_harmless_signals();

/// Hears of those signals while they are held back. A signal that is ignored (as by nohup) is not
/// heard of.
class HarmlessSignals {
public:
    explicit HarmlessSignals(asio::io_context& context);

    /// Calls `heard` with the number of each, until cancel().
    void listen(std::function<void(int signal)> heard);
    void cancel();

private:
    asio::posix::stream_descriptor descriptor_;
};

} // namespace smsbcast::runtime
