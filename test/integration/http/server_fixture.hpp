#pragma once

#include "server_peer.hpp"

#include "support/patience.hpp"

#include "smsbcast/http/server.hpp"
#include "smsbcast/runtime/shard.hpp"
#include "smsbcast/runtime/task_group.hpp"

#include <functional>
#include <future>

namespace smsbcast::test {

/// Asks again and again; fails the test when it is still false after kPatience.
void wait_until(const std::function<bool()>& condition);

/// An http::Server on a free port and a thread of its own. Stops when it goes.
class TransportServer {
public:
    explicit TransportServer(std::vector<http::Route> routes, http::ServerLimits limits = {},
                             const std::string& host = "127.0.0.1", http::OnUnrouted on_unrouted = {},
                             http::StreamFactory streams = http::make_tcp_stream);
    ~TransportServer();

    boost::asio::io_context& context() { return shard_.context(); }
    std::uint16_t port() const { return port_; }
    TransportClient connect() const { return TransportClient(port_); }
    http::ConnectionCounts connections();

    /// Returns once the server's stop() has.
    void stop(std::chrono::milliseconds budget = kPatience);

    /// Runs a function on the server's thread and waits for it.
    void on_shard(const std::function<void()>& act);

    /// Runs a coroutine there, until stop() at the latest.
    void spawn(std::function<runtime::Awaitable<>()> make);

private:
    runtime::Awaitable<> run_stop(std::chrono::milliseconds budget, std::promise<void>& done);

    runtime::Shard shard_{"test"};
    runtime::TaskGroup tasks_{shard_.context()};
    std::unique_ptr<http::Server> server_;
    std::uint16_t port_ = 0;
    bool stopped_ = false;
};

} // namespace smsbcast::test
