#include "listener.hpp"

namespace smsbcast::adapters::postgres {

namespace {

// The relay's waits may be shorter than a round trip to a distant server. With their deadline
// alone, LISTEN would be cut each time and never succeed.
constexpr std::chrono::seconds kListenTime{1};

} // namespace

// The attempt goes on in the connecting thread, but there is nobody left to hand the connection to.
Listener::~Listener() {
    if (attempt_)
        Database::give_up(*attempt_);
}

runtime::Awaitable<Result<void>> Listener::listen(Deadline deadline) {
    if (!attempt_)
        attempt_ = database_.begin_connecting();
    const auto attempt = attempt_;
    const auto made = co_await database_.finish_connecting(attempt, deadline);
    // The attempt stays in attempt_, and the next wait goes on with it. A new attempt for each wait
    // would queue up in the one connecting thread.
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
        // A wait returns at once after LISTEN has begun, so that the relay looks for what was
        // committed before it: a notification reaches only sessions that listened at the time of
        // the commit.
        const auto listening = co_await listen(deadline);
        if (!listening)
            co_await runtime::sleep_until(database_.shard(), deadline);
        co_return;
    }
    // The copy keeps the connection alive if the listener lets go of it while this wait is
    // suspended.
    const auto connection = connection_;
    const auto notified = co_await connection->wait_notify(deadline);
    if (!notified) {
        // The next wait connects anew. Sleeping until the deadline keeps a server that is away from
        // being asked in a tight loop, and the relay polls at its own interval meanwhile.
        connection_ = nullptr;
        co_await runtime::sleep_until(database_.shard(), deadline);
    }
}

} // namespace smsbcast::adapters::postgres
