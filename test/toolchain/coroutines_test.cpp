// What the code relies on of g++ 12 and Boost 1.81, each once, so that another compiler or Boost shows what changed.

#include "smsbcast/runtime/asio.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <string>

using namespace smsbcast::runtime;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

struct Counted {
    explicit Counted(int& alive) : alive_(&alive) { ++*alive_; }
    Counted(const Counted& other) : alive_(other.alive_) { ++*alive_; }
    Counted(Counted&& other) noexcept : alive_(other.alive_) { ++*alive_; }
    ~Counted() { --*alive_; }
    int* alive_;
};

Awaitable<int> use(Counted, std::string text) {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    co_return static_cast<int>(text.size());
}

template <class Task>
void run(Task task) {
    asio::io_context shard{1};
    std::exception_ptr failure;
    asio::co_spawn(shard, task(), [&](std::exception_ptr error) { failure = error; });
    shard.run();
    if (failure)
        std::rethrow_exception(failure);
}

Awaitable<> named_arguments(int& alive, int& size) {
    Counted counted(alive);
    std::string text(100, 'x');
    size = co_await use(std::move(counted), std::move(text));
}

} // namespace

TEST_CASE("P1: as_tuple gives errors as values", "[toolchain]") {
    bool aborted = false;
    run([&] {
        return [](bool& out) -> Awaitable<> {
            asio::steady_timer timer(co_await asio::this_coro::executor, 10s);
            asio::post(timer.get_executor(), [&timer] { timer.cancel(); });
            const auto [error] = co_await timer.async_wait(use_result);
            out = error == asio::error::operation_aborted;
        }(aborted);
    });
    CHECK(aborted);
}

TEST_CASE("P3: arguments that are named before the co_await are destroyed once each", "[toolchain]") {
    int alive = 0, size = 0;
    run([&] { return named_arguments(alive, size); });
    CHECK(size == 100);
    CHECK(alive == 0);
}

TEST_CASE("P4: a coroutine lambda keeps its parameters, called through one that only returns it", "[toolchain]") {
    auto text = std::make_shared<std::string>("kept");
    std::string seen;
    run([&] {
        return [](std::shared_ptr<std::string> value, std::string& out) -> Awaitable<> {
            co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
            out = *value;
        }(text, seen);
    });
    CHECK(seen == "kept");
    CHECK(text.use_count() == 1);
}

TEST_CASE("P7: a race of leaf operations ends with the first", "[toolchain]") {
    asio::io_context shard{1};
    asio::steady_timer slow(shard, 1h), fast(shard, 1ms);
    std::array<std::size_t, 2> order{};
    asio::experimental::make_parallel_group(slow.async_wait(asio::deferred), fast.async_wait(asio::deferred))
        .async_wait(asio::experimental::wait_for_one(),
                    [&](std::array<std::size_t, 2> completion, boost::system::error_code, boost::system::error_code) {
                        order = completion;
                    });
    shard.run();
    CHECK(order[0] == 1);
}

TEST_CASE("P9: a coroutine is cancelled terminally by default", "[toolchain]") {
    asio::io_context shard{1};
    asio::cancellation_signal signal;
    bool ended = false;
    auto task = []() -> Awaitable<> {
        asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
        co_await timer.async_wait(asio::use_awaitable);
    };
    asio::co_spawn(shard, task(), asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) {
                       ended = error != nullptr;
                   }));
    shard.poll();
    signal.emit(asio::cancellation_type::total);
    shard.poll();
    CHECK_FALSE(ended);
    signal.emit(asio::cancellation_type::terminal);
    shard.run();
    CHECK(ended);
}

TEST_CASE("P11: closing a channel drops what lies in it, which is why nothing here relies on close()", "[toolchain]") {
    asio::io_context shard{1};
    asio::experimental::channel<void(boost::system::error_code, int)> channel(shard, 4);
    REQUIRE(channel.try_send(boost::system::error_code(), 1));
    channel.close();
    int received = 0;
    channel.async_receive([&](boost::system::error_code error, int value) { received = error ? -1 : value; });
    shard.run();
    CHECK(received == -1);
}

TEST_CASE("P12: a coroutine that suspends once at its start tells its end", "[toolchain]") {
    asio::io_context shard{1};
    bool told = false;
    auto task = []() -> Awaitable<> { co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable); };
    asio::co_spawn(shard, task(), [&](std::exception_ptr) { told = true; });
    shard.run();
    CHECK(told);
}
