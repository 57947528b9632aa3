#include "smsbcast/runtime/signals.hpp"

#include <csignal>
#include <system_error>

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace smsbcast::runtime {

namespace {

sigset_t harmless() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : {SIGHUP, SIGUSR1, SIGUSR2})
        ::sigaddset(&set, number);
    return set;
}

int open_descriptor() {
    const auto set = harmless();
    // A descriptor makes a signal an ordinary event of the loop, without a handler in which hardly
    // any function may be called (signal-safety(7)).
    const int descriptor = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (descriptor < 0)
        throw std::system_error(errno, std::generic_category(), "signalfd");
    return descriptor;
}

} // namespace

// Blocking is inherited by every thread that starts later. Handlers, by contrast, would leave
// moments at the start and at the end in which such a signal still ends the process.
void hold_back_harmless_signals() {
    const auto set = harmless();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

HarmlessSignals::HarmlessSignals(asio::io_context& context) : descriptor_(context, open_descriptor()) {}

void HarmlessSignals::listen(std::function<void(int)> heard) {
    descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [this, heard = std::move(heard)](const boost::system::error_code& error) {
                               if (error)
                                   return;
                               signalfd_siginfo info{};
                               // Several signals may have come by the time the loop gets here.
                               while (::read(descriptor_.native_handle(), &info, sizeof info) == sizeof info)
                                   heard(static_cast<int>(info.ssi_signo));
                               listen(heard);
                           });
}

void HarmlessSignals::cancel() {
    boost::system::error_code ignored;
    descriptor_.cancel(ignored);
}

} // namespace smsbcast::runtime
