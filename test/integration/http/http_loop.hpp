#pragma once

#include "smsbcast/runtime/task_group.hpp"

#include "support/patience.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

namespace smsbcast::test {

namespace asio = boost::asio;
using runtime::Awaitable;

/// A shard that the test itself runs, so that assertions stand outside of coroutines.
class HttpLoop {
public:
    asio::io_context context{1};
    runtime::TaskGroup tasks{context};

    /// Runs until the coroutine has given its value. What else is going on goes on meanwhile.
    template <class T>
    T wait(std::function<Awaitable<T>()> make) {
        std::optional<T> value;
        start<T>(std::move(make), value);
        run_until([&] { return value.has_value(); });
        return std::move(*value);
    }

    /// Lets every task that was started come to its first wait.
    void turn() {
        wait<bool>([] { return yes(); });
    }

    void run_until(const std::function<bool()>& done) {
        while (!done())
            if (context.restart(); context.run_one_for(kPatience) == 0)
                throw std::runtime_error("nothing happens any more");
    }

    /// Runs until nothing is left to do.
    void run_dry() {
        context.restart();
        context.run_for(kPatience);
        if (!context.stopped())
            throw std::runtime_error("something still runs");
    }

private:
    static Awaitable<bool> yes() { co_return true; }

    template <class T>
    void start(std::function<Awaitable<T>()> make, std::optional<T>& value) {
        tasks.spawn("test", [make = std::move(make), &value] { return into(make, value); });
    }

    template <class T>
    static Awaitable<> into(std::function<Awaitable<T>()> make, std::optional<T>& value) {
        value.emplace(co_await make());
    }
};

} // namespace smsbcast::test
