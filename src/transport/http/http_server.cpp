#include "smsbcast/transport/http_server.hpp"

#include "session.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/runtime/task_group.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <utility>

namespace smsbcast::transport {

using asio::ip::tcp;

namespace {

// Connections beyond the limit that are told so; those beyond that are just closed.
constexpr std::size_t kMostTurnedAway = 64;
constexpr std::chrono::milliseconds kAcceptPause{100};
// What is left for sessions to end once their sockets are cut.
constexpr std::chrono::milliseconds kAfterCut{500};

} // namespace

class HttpServer::Impl {
public:
    Impl(asio::io_context& shard, const HttpLimits& limits, std::vector<Route> routes)
        : state_(shard, limits, std::move(routes)), acceptor_(shard), pause_(shard), tasks_(shard) {}

    Result<void> listen(const std::string& host, std::uint16_t port);
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    Awaitable<bool> stop(Deadline clients, Deadline handlers);

private:
    Result<void> open(const tcp::endpoint& endpoint);
    static Awaitable<> accept_loop(Impl& self);
    void take(tcp::socket socket);
    void take_backlog();

    ServerState state_;
    tcp::acceptor acceptor_;
    runtime::Wakeup pause_;
    runtime::TaskGroup tasks_;
};

Result<void> HttpServer::Impl::open(const tcp::endpoint& endpoint) {
    boost::system::error_code error;
    acceptor_ = tcp::acceptor(state_.shard);
    const auto step = [&](auto&& act) {
        if (!error)
            act();
    };
    acceptor_.open(endpoint.protocol(), error);
    step([&] { acceptor_.set_option(tcp::acceptor::reuse_address(true), error); });
    if (endpoint.address().is_v6())
        step([&] { acceptor_.set_option(asio::ip::v6_only(false), error); });
    step([&] { acceptor_.bind(endpoint, error); });
    step([&] { acceptor_.listen(asio::socket_base::max_listen_connections, error); });
    if (error)
        return error;
    return {};
}

Result<void> HttpServer::Impl::listen(const std::string& host, std::uint16_t port) {
    Result<void> opened;
    if (host.empty()) { // one socket for both families, where the system has IPv6
        opened = open({asio::ip::address_v6::any(), port});
        if (!opened)
            opened = open({asio::ip::address_v4::any(), port});
    } else {
        boost::system::error_code error;
        const auto found =
            tcp::resolver(state_.shard).resolve(host, std::to_string(port), tcp::resolver::passive, error);
        if (error)
            return error;
        opened = open(*found.begin());
    }
    if (!opened)
        return opened;
    tasks_.spawn("http_accept", [this] { return accept_loop(*this); });
    return {};
}

Awaitable<> HttpServer::Impl::accept_loop(Impl& self) {
    bool failing = false;
    while (!self.state_.stopping) {
        auto [error, socket] = co_await self.acceptor_.async_accept(runtime::use_result);
        if (!error) {
            failing = false;
            self.take(std::move(socket)); // also when it was accepted just before a stop
        } else if (self.state_.stopping) {
            co_return;
        } else if (error != asio::error::connection_aborted) {
            // No descriptor is free, most likely. What waits in the backlog would make this a busy loop.
            if (!std::exchange(failing, true))
                log::warn("accept_failed", {{"error", error}});
            co_await self.pause_.wait(Deadline::after(kAcceptPause));
        }
    }
}

void HttpServer::Impl::take(tcp::socket socket) {
    const std::size_t others = state_.sessions.size();
    if (others >= state_.limits.max_connections + kMostTurnedAway)
        return;
    const bool welcome = others < state_.limits.max_connections;
    auto session = std::make_shared<Session>(state_, std::move(socket));
    tasks_.spawn("http_session", [session, welcome] { return Session::serve(session, welcome); });
}

// To their clients these are connected; with the listener gone they would be reset.
void HttpServer::Impl::take_backlog() {
    boost::system::error_code error;
    acceptor_.non_blocking(true, error);
    while (!error && state_.sessions.size() < state_.limits.max_connections) {
        auto socket = acceptor_.accept(error);
        if (!error)
            take(std::move(socket));
    }
}

Awaitable<bool> HttpServer::Impl::stop(Deadline clients, Deadline handlers) {
    take_backlog();
    state_.stopping = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.notify_all();
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

HttpServer::HttpServer(asio::io_context& shard, HttpLimits limits, std::vector<Route> routes)
    : impl_(std::make_unique<Impl>(shard, limits, std::move(routes))) {}

HttpServer::~HttpServer() = default;

Result<void> HttpServer::listen(const std::string& host, std::uint16_t port) {
    return impl_->listen(host, port);
}

std::uint16_t HttpServer::port() const {
    return impl_->port();
}

Awaitable<bool> HttpServer::stop(Deadline clients, Deadline handlers) {
    return impl_->stop(clients, handlers);
}

} // namespace smsbcast::transport
