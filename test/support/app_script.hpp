#pragma once

#include "smsbcast/base/result.hpp"
#include "support/app_loop.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::test {

/// How a call of a fake fails: with nothing done, or carried out and the answer lost.
enum class Fault { not_done, done };

/// The calls that fakes were given, in order, and which of them fail. Shared by the fakes of one test, so that each
/// call of a scenario can be made to fail in turn.
class Script {
public:
    explicit Script(asio::io_context& io) : io_(io) {}

    void fail_call(int number, Fault fault) {
        fail_number_ = number;
        fault_ = fault;
    }
    void fail_while(std::function<bool(std::string_view)> when, Errc errc = Errc::unavailable) {
        when_ = std::move(when);
        errc_ = errc;
    }
    void stop_failing() { when_ = nullptr; }

    int calls() const { return calls_; }
    const std::vector<std::string>& names() const { return names_; }
    int count(std::string_view name) const { return static_cast<int>(std::count(names_.begin(), names_.end(), name)); }

    /// The call of fail_call() that was carried out and whose answer was lost.
    const std::string& lost_answer() const { return lost_answer_; }

    /// Begins a call that may fail, and lets other coroutines run meanwhile, several steps of each.
    asio::awaitable<std::optional<Fault>> call(std::string name) {
        names_.push_back(name);
        const int number = ++calls_;
        for (int i = 0; i < kTurns; ++i)
            co_await asio::post(io_, asio::use_awaitable);
        if (number == fail_number_) {
            lost_answer_ = fault_ == Fault::done ? name : "";
            co_return fault_;
        }
        if (when_ && when_(name))
            co_return Fault::not_done;
        co_return std::nullopt;
    }

    boost::system::error_code error(Fault fault) const {
        return make_error_code(fault == Fault::done ? Errc::uncertain : errc_);
    }

private:
    static constexpr int kTurns = 5;

    asio::io_context& io_;
    std::vector<std::string> names_;
    std::string lost_answer_;
    int calls_ = 0;
    int fail_number_ = 0;
    Fault fault_ = Fault::not_done;
    Errc errc_ = Errc::unavailable;
    std::function<bool(std::string_view)> when_;
};

} // namespace smsbcast::test
