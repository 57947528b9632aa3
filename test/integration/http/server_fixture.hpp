#pragma once

#include "server_peer.hpp"

#include "support/patience.hpp"

#include "smsbcast/runtime/shard.hpp"
#include "smsbcast/runtime/task_group.hpp"
#include "smsbcast/transport/http_server.hpp"

#include <functional>
#include <future>

namespace smsbcast::test {

/// An HttpServer on a free port and a thread of its own. Stops when it goes.
class TransportServer {
public:
    explicit TransportServer(std::vector<transport::Route> routes, transport::HttpLimits limits = {},
                             const std::string& host = "127.0.0.1", transport::OnUnrouted on_unrouted = {});
    ~TransportServer();

    boost::asio::io_context& context() { return shard_.context(); }
    std::uint16_t port() const { return port_; }
    TransportClient connect() const { return TransportClient(port_); }
    transport::ConnectionCounts connections();

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
    std::unique_ptr<transport::HttpServer> server_;
    std::uint16_t port_ = 0;
    bool stopped_ = false;
};

} // namespace smsbcast::test
