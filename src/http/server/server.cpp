#include "smsbcast/http/server.hpp"

#include "bound_watch.hpp"
#include "listener.hpp"
#include "session.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/runtime/task_group.hpp"

#include <algorithm>
#include <utility>

namespace smsbcast::http {

namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::seconds kWatchPause{1};
// What is left for sessions to end once their sockets are cut.
constexpr std::chrono::milliseconds kAfterCut{500};

} // namespace

class Server::Impl {
public:
    Impl(asio::io_context& shard, const ServerLimits& limits, std::vector<Route> routes, OnUnrouted on_unrouted,
         StreamFactory streams)
        : state_(shard, limits, std::move(routes), std::move(on_unrouted)), acceptor_(shard),
          make_stream_(std::move(streams)), stopped_(shard), tasks_(shard) {}

    Result<void> listen(const std::string& host, std::uint16_t port);
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    ConnectionCounts connections() const;
    Awaitable<bool> stop(Deadline clients, Deadline handlers);

private:
    static Awaitable<> accept_loop(Impl& self);
    static Awaitable<> watch_bound(Impl& self);
    Awaitable<> accept_one();
    Awaitable<> wait_for_room();
    Awaitable<> make_room(Deadline deadline);
    void take(Socket socket);
    void take_backlog();
    bool full() const { return state_.sessions.size() >= state_.limits.max_connections; }

    ServerState state_;
    Acceptor acceptor_;
    StreamFactory make_stream_;
    BoundWatch bound_;
    bool accept_failing_ = false;
    runtime::Wakeup stopped_;
    runtime::TaskGroup tasks_;
};

Result<void> Server::Impl::listen(const std::string& host, std::uint16_t port) {
    auto opened = open_listener(acceptor_, host, port);
    if (opened)
        tasks_.spawn("http_accept", [this] { return accept_loop(*this); });
    return opened;
}

ConnectionCounts Server::Impl::connections() const {
    return {.open = state_.sessions.size(), .bound = state_.limits.max_connections, .bound_reached = bound_.times()};
}

Awaitable<> Server::Impl::accept_loop(Impl& self) {
    while (!self.state_.stopping) {
        if (self.full())
            co_await self.wait_for_room();
        else
            co_await self.accept_one();
    }
}

Awaitable<> Server::Impl::accept_one() {
    auto [error, socket] = co_await acceptor_.async_accept(runtime::use_result);
    if (!error) {
        accept_failing_ = state_.crowded = false;
        take(std::move(socket)); // also when it was accepted just before a stop
    } else if (!state_.stopping && error != asio::error::connection_aborted) {
        // No descriptor is free, most likely. What waits in the backlog would make this a busy loop.
        if (!std::exchange(accept_failing_, true))
            log::warn("accept_failed", {{"error", error}});
        co_await make_room(Deadline::after(kAcceptPause));
    }
}

// Nobody is made to go before somebody wants the place.
Awaitable<> Server::Impl::wait_for_room() {
    const auto [error] = co_await acceptor_.async_wait(Acceptor::wait_read, runtime::use_result);
    if (error || state_.stopping || !full())
        co_return;
    if (bound_.reached(Deadline::Clock::now(), waiting_connections(acceptor_))) {
        log::warn("connections_at_bound", {{"bound", state_.limits.max_connections}});
        tasks_.spawn("http_bound", [this] { return watch_bound(*this); });
    }
    co_await make_room(Deadline::after(kWatchPause));
}

// Until a session ends or `deadline`, or until another one may be told to go.
Awaitable<> Server::Impl::make_room(Deadline deadline) {
    state_.crowded = true;
    const auto now = Deadline::Clock::now();
    const auto waiting = std::max<std::size_t>(waiting_connections(acceptor_), 1);
    while (state_.leaving < waiting) {
        auto* const place = state_.resting.next(now);
        if (!place)
            break;
        place->session()->give_way();
    }
    co_await state_.session_ended.wait(earlier(deadline, Deadline(std::max(state_.resting.next_at(), now))));
    state_.crowded = state_.crowded && (full() || accept_failing_);
}

Awaitable<> Server::Impl::watch_bound(Impl& self) {
    while (!self.state_.stopping) {
        co_await self.stopped_.wait(Deadline::after(kWatchPause));
        if (const auto over = self.bound_.over(Deadline::Clock::now())) {
            log::info("connections_below_bound", {{"bound", self.state_.limits.max_connections},
                                                  {"waited_most", over->most_waiting},
                                                  {"lasted_ms", std::chrono::nanoseconds(over->lasted)}});
            co_return;
        }
    }
}

void Server::Impl::take(Socket socket) {
    auto session = std::make_shared<Session>(state_, make_stream_(std::move(socket)));
    tasks_.spawn("http_session", [session] { return Session::serve(session); });
}

// To their clients these are connected; with the listener gone they would be reset. Beyond the bound too: no others
// come after them.
void Server::Impl::take_backlog() {
    boost::system::error_code error;
    for (auto waiting = waiting_connections(acceptor_); waiting > 0 && !error; --waiting) {
        auto socket = acceptor_.accept(error);
        if (!error)
            take(std::move(socket));
    }
}

Awaitable<bool> Server::Impl::stop(Deadline clients, Deadline handlers) {
    if (acceptor_.is_open())
        take_backlog();
    state_.stopping = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    stopped_.notify_all();
    state_.session_ended.notify_all();
    for (auto* session : state_.sessions)
        session->wind_down();
    bool ended = co_await tasks_.join(clients);
    if (ended)
        co_return true;
    for (auto* session : state_.sessions)
        if (!session->handling())
            session->cut();
    ended = co_await tasks_.join(handlers);
    if (ended)
        co_return true;
    for (auto* session : state_.sessions)
        session->cut();
    co_return co_await tasks_.join(Deadline::after(kAfterCut));
}

Server::Server(asio::io_context& shard, ServerLimits limits, std::vector<Route> routes, OnUnrouted on_unrouted,
               StreamFactory streams)
    : impl_(std::make_unique<Impl>(shard, limits, std::move(routes), std::move(on_unrouted), std::move(streams))) {}

Server::~Server() = default;

Result<void> Server::listen(const std::string& host, std::uint16_t port) {
    return impl_->listen(host, port);
}

std::uint16_t Server::port() const {
    return impl_->port();
}

ConnectionCounts Server::connections() const {
    return impl_->connections();
}

Awaitable<bool> Server::stop(Deadline clients, Deadline handlers) {
    return impl_->stop(clients, handlers);
}

} // namespace smsbcast::http
