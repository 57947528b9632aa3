#include "server_fixture.hpp"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <stdexcept>
#include <thread>

namespace smsbcast::test {

void wait_until(const std::function<bool()>& condition) {
    const auto deadline = Deadline::after(kPatience);
    while (!condition()) {
        if (deadline.passed())
            FAIL("it did not happen in time");
        std::this_thread::yield();
    }
}

TransportServer::TransportServer(std::vector<http::Route> routes, http::ServerLimits limits, const std::string& host,
                                 http::OnUnrouted on_unrouted, http::StreamFactory streams)
    : server_(std::make_unique<http::Server>(shard_.context(), limits, std::move(routes), std::move(on_unrouted),
                                             std::move(streams))) {
    if (const auto listening = server_->listen(host, 0); !listening)
        throw std::runtime_error(listening.error().message());
    port_ = server_->port();
    shard_.start();
}

TransportServer::~TransportServer() {
    if (!stopped_)
        stop();
    on_shard([this] { server_.reset(); });
    shard_.join();
}

void TransportServer::on_shard(const std::function<void()>& act) {
    std::promise<void> done;
    boost::asio::post(shard_.context(), [&] {
        act();
        done.set_value();
    });
    done.get_future().wait();
}

http::ConnectionCounts TransportServer::connections() {
    http::ConnectionCounts counts;
    on_shard([&] { counts = server_->connections(); });
    return counts;
}

void TransportServer::spawn(std::function<runtime::Awaitable<>()> make) {
    on_shard([&] { tasks_.spawn("test", std::move(make)); });
}

runtime::Awaitable<> TransportServer::run_stop(std::chrono::milliseconds budget, std::promise<void>& done) {
    co_await server_->stop(Deadline::after(budget), Deadline::after(budget));
    done.set_value();
}

void TransportServer::stop(std::chrono::milliseconds budget) {
    stopped_ = true;
    std::promise<void> done;
    spawn([&] { return run_stop(budget, done); });
    done.get_future().wait();
}

} // namespace smsbcast::test
