#pragma once

#include "smsbcast/app/flight_window.hpp"

#include <deque>
#include <functional>
#include <limits>
#include <queue>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

namespace smsbcast::test {

/// A client with a FlightWindow and one thread, and a provider, in simulated time. Each request costs the client
/// `work`, half to send it and half to take its answer; what arrives meanwhile waits for its turn, as in an event loop.
class Simulation {
public:
    using Window = app::FlightWindow;
    using Time = Window::TimePoint;
    using Duration = std::chrono::nanoseconds;

    struct Answer {
        Duration after{};
        Window::End end = Window::End::answered;
    };
    /// What becomes of a request that arrives now.
    using Provider = std::function<Answer(Simulation&)>;

    explicit Simulation(Provider provider, app::WindowOptions options = {})
        : window(options), provider_(std::move(provider)) {}

    /// Until so many more have ended; gives requests a second.
    double run(std::size_t requests);
    double run_for(Duration time);

    /// The longest time for which more than `watched` were in flight, since the last call.
    Duration take_longest_above();

    std::chrono::duration<double> since_start() const { return now - kStart; }

    Window window;
    Duration work = std::chrono::microseconds(80);
    Duration connect{0};                                          ///< of the first request of a further connection
    std::size_t demand = std::numeric_limits<std::size_t>::max(); ///< how many would be in flight without a window
    bool eager = false; ///< sends all it may before it takes an answer; else they take turns
    std::size_t watched = 30;

    static constexpr Time kStart = Time{} + std::chrono::hours(1);
    Time now = kStart;
    std::size_t at_provider = 0;
    std::size_t ended = 0;
    std::size_t most = 0; ///< in flight at a time
    std::mt19937_64 random{1};

private:
    enum class Kind { sent, answer_came, answer_taken };
    struct Event {
        Time at;
        std::uint64_t order = 0;
        Kind kind = Kind::sent;
        Window::Start start;
        Window::End end = Window::End::answered;

        bool operator<(const Event& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
    };

    void push(Duration in, Kind kind, const Window::Start& start, Window::End end = Window::End::answered) {
        events_.push({now + in, order_++, kind, start, end});
    }
    bool step(Time until);
    void work_on();
    void happen(const Event& event);
    void watch();

    Provider provider_;
    std::priority_queue<Event> events_;
    std::deque<Event> answers_; // wait for the client's turn
    std::uint64_t order_ = 0;
    bool busy_ = false;
    bool sent_last_ = false;
    std::size_t connections_ = 0;
    bool above_ = false;
    Time above_since_{};
    Duration longest_above_{0};
};

inline double Simulation::run(std::size_t requests) {
    const auto began = now;
    const auto goal = ended + requests;
    while (ended < goal && step(Time::max())) {
    }
    return static_cast<double>(requests) / std::chrono::duration<double>(now - began).count();
}

inline double Simulation::run_for(Duration time) {
    const auto before = ended;
    const auto until = now + time;
    while (step(until)) {
    }
    return static_cast<double>(ended - before) / std::chrono::duration<double>(time).count();
}

inline Simulation::Duration Simulation::take_longest_above() {
    if (above_)
        longest_above_ = std::max(longest_above_, Duration(now - above_since_));
    above_since_ = now;
    return std::exchange(longest_above_, Duration{0});
}

inline bool Simulation::step(Time until) {
    work_on();
    if (events_.empty() || events_.top().at > until) {
        now = until;
        return false;
    }
    const auto event = events_.top();
    events_.pop();
    now = event.at;
    happen(event);
    return true;
}

inline void Simulation::work_on() {
    if (busy_)
        return;
    const bool may_send = window.admits() && window.in_flight() < demand;
    if (may_send && (eager || !sent_last_ || answers_.empty())) {
        busy_ = sent_last_ = true;
        push(work / 2, Kind::sent, window.begin(now));
        watch();
    } else if (!answers_.empty()) {
        busy_ = true;
        sent_last_ = false;
        push(work / 2, Kind::answer_taken, answers_.front().start, answers_.front().end);
        answers_.pop_front();
    }
}

inline void Simulation::happen(const Event& event) {
    switch (event.kind) {
    case Kind::sent: {
        busy_ = false;
        const bool connects = window.in_flight() > connections_;
        connections_ = std::max(connections_, window.in_flight());
        ++at_provider;
        const auto answer = provider_(*this);
        push(answer.after + (connects ? connect : Duration{0}), Kind::answer_came, event.start, answer.end);
        break;
    }
    case Kind::answer_came:
        --at_provider;
        answers_.push_back(event);
        break;
    case Kind::answer_taken:
        busy_ = false;
        window.end(event.start, event.end, now);
        ++ended;
        watch();
        break;
    }
}

inline void Simulation::watch() {
    most = std::max(most, window.in_flight());
    const bool above = window.in_flight() > watched;
    if (above && !above_)
        above_since_ = now;
    if (!above && above_)
        longest_above_ = std::max(longest_above_, Duration(now - above_since_));
    above_ = above;
}

} // namespace smsbcast::test
