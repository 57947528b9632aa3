#include "listener.hpp"

namespace smsbcast::adapters::postgres {

runtime::Awaitable<Result<void>> Listener::listen(Deadline deadline) {
    const auto made = co_await database_.connect(deadline);
    if (!made)
        co_return made.error();
    const auto listening = co_await (*made)->execute("listen", "LISTEN smsbcast_outbox", deadline);
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
