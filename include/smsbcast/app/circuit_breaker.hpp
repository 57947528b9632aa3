#pragma once

#include "smsbcast/base/deadline.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace smsbcast::app {

enum class Circuit {
    closed,    ///< messages go out
    open,      ///< the provider is away, or refuses everything: nothing goes out
    half_open, ///< one message goes out as a probe
};

/// `closed`, `open`, `half_open`
std::string_view to_string(Circuit circuit);

struct BreakerOptions {
    int failures = 5;                                 ///< in a row open it; 0: it never opens
    std::chrono::milliseconds min_duration{1000};     ///< failures in a row must last so long, or be ten times as many
    std::chrono::milliseconds first_pause{1000};      ///< doubles with each probe that failed
    std::chrono::milliseconds longest_pause{30'000};  ///< less up to a half by chance, like each of them
    std::chrono::milliseconds longest_refused{5'000}; ///< likewise, of a provider that is there and refuses
};

/// Decides whether messages go to the provider at all. It opens on a refusal that concerns every message, and on
/// failures in a row, so a share of failures among successes, however large, leaves it closed. Pure: time comes in as
/// an argument.
class CircuitBreaker {
public:
    using TimePoint = Deadline::Clock::time_point;

    /// What the end of a submission tells of the provider.
    enum class Sign {
        none,    ///< it was held back before it was tried
        life,    ///< a definite answer that concerns the message alone
        failure, ///< no answer
        refusal, ///< an answer that every other message would meet too
    };

    /// Counts the changes of state. What began in an earlier epoch says nothing of the present one.
    using Epoch = std::uint64_t;

    explicit CircuitBreaker(BreakerOptions options) : options_(options) {}

    Circuit state() const { return state_; }

    /// Whether a submission may begin now: not while open, nor while a probe is on its way.
    bool admits() const { return state_ == Circuit::closed || (state_ == Circuit::half_open && !probing_); }

    /// A submission begins, which admits() allowed. Each ends with one end().
    Epoch begin();

    /// Its end. True when that changed the state. `fraction` in [0, 1) is the draw of the pause's jitter.
    bool end(Epoch began, Sign sign, TimePoint now, double fraction);

    /// The refusals of several messages turned out to be one: open from now on. True when that changed the state.
    bool refuse(TimePoint now, double fraction);

    /// It accepted a message after all: closed from now on. True when that changed the state.
    bool close(TimePoint now);

    /// True when it is not closed, and the last that was learned is that the provider is there and refuses.
    bool refused() const { return state_ != Circuit::closed && refused_; }

    /// Makes it half-open, if it is open and the pause is over, and returns whether it did.
    bool try_again(TimePoint now);

    /// The end of the pause; of use while open.
    TimePoint open_until() const { return open_until_; }

    /// The provider, not the message, is what fails: not closed, or the last two submissions or more failed.
    bool provider_away() const {
        return state_ != Circuit::closed || (options_.failures > 0 && consecutive_failures_ >= 2);
    }

    /// When it was closed last, or left that state last; none before it ever opened.
    std::optional<TimePoint> since() const { return since_; }

private:
    bool failed(TimePoint now, double fraction);
    bool probe_failed(std::chrono::milliseconds longest, TimePoint now, double fraction);
    bool open_first(TimePoint now, double fraction);
    void open(TimePoint now, double fraction);
    void change(Circuit state);

    BreakerOptions options_;
    Circuit state_ = Circuit::closed;
    Epoch epoch_ = 0;
    int consecutive_failures_ = 0; ///< in the closed state
    TimePoint failing_since_{};
    bool probing_ = false;
    bool refused_ = false;               ///< by what it was opened last
    std::chrono::milliseconds pause_{0}; ///< the last one, or the present one
    TimePoint open_until_{};
    std::optional<TimePoint> since_;
};

} // namespace smsbcast::app
