#include "listener.hpp"

namespace smsbcast::adapters::postgres {

namespace {

// The waits are shorter than a round trip may be.
constexpr std::chrono::seconds kListenTime{1};

} // namespace

Listener::~Listener() {
    if (attempt_)
        Database::give_up(*attempt_);
}

runtime::Awaitable<Result<void>> Listener::listen(Deadline deadline) {
    if (!attempt_)
        attempt_ = database_.begin_connecting();
    const auto attempt = attempt_;
    const auto made = co_await database_.finish_connecting(attempt, deadline);
    if (!made && made.error() == Errc::timeout)
        co_return made.error();
    attempt_ = nullptr;
    if (!made)
        co_return made.error();
    const auto soon = Deadline::after(kListenTime);
    const auto listen = "LISTEN \"" + database_.channel() + "\"";
    const auto listening = co_await (*made)->execute("listen", listen.c_str(), soon);
    if (listening)
        connection_ = *made;
    co_return listening;
}

runtime::Awaitable<> Listener::wait(Deadline deadline) {
    if (!connection_) {
        const auto listening = co_await listen(deadline);
        if (!listening)
            co_await runtime::sleep_until(database_.shard(), deadline);
        co_return;
    }
    const auto connection = connection_;
    const auto notified = co_await connection->wait_notify(deadline);
    if (!notified) {
        connection_ = nullptr;
        co_await runtime::sleep_until(database_.shard(), deadline);
    }
}

} // namespace smsbcast::adapters::postgres
