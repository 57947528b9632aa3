#pragma once

#include "smsbcast/base/deadline.hpp"

#include <cstddef>
#include <cstdint>

namespace smsbcast::app {

struct WindowOptions {
    std::size_t least = 4;   ///< at least 1; never fewer
    std::size_t most = 2048; ///< never more; `least` when it is below that
};

/// Finds by itself how many requests may be in flight to a server: as many as pay off.
///
/// Little's law says what a window is worth: throughput = requests in flight / time that each takes. So the window is
/// judged by the times alone, in rounds of about one turn of the window each:
///
/// * It begins with a ramp, as TCP's slow start: one more for each answer, which doubles it within a round trip. Below
///   48 it grows by a sixth instead. It ends when answers take longer (HyStart, RFC 9406, ends it by delay too), and
///   the window falls back to what had paid.
/// * From then on it tries: a round as it is, a round with more or fewer, and the better of both stays, as in PCC (Dong
///   et al., NSDI 2015). More is better when throughput grows by a good part of what the window grew, fewer when it
///   hardly falls. Full success makes the next step larger; failure makes the pauses between two tries longer.
/// * Overload is no throughput: a request that was refused makes a round's times longer, and the trials see to the
///   rest. One number in a hundred that is throttled thus costs nothing. Where half of a round or more was refused, the
///   window becomes what was left of it, once a round, and a ramp begins.
///
/// Nothing here remembers the shortest time ever seen, which Vegas, BBR and Netflix's concurrency-limits need and have
/// to forget in time: two rounds side by side are compared, so it is the same to it whether a provider is slow, became
/// slow, or jitters. The mean is that of the logarithms of the times, which heavy tails and single pauses hardly move.
/// What would mislead is not counted: requests while the window was not full, which is the caller's own limit; the
/// first request of each further connection, which waits for the connection too.
///
/// Pure: time comes in as an argument. No call allocates; a request costs two calls and one logarithm.
class FlightWindow {
public:
    using TimePoint = Deadline::Clock::time_point;

    explicit FlightWindow(WindowOptions options);

    /// How a request ended.
    enum class End {
        answered,   ///< whatever the answer says
        overloaded, ///< throttled, or no answer in time
        ignored,    ///< it was never tried, or tells nothing
    };

    /// A request that began.
    struct Start {
        TimePoint at{};
        std::uint32_t round = 0;     ///< in which it began
        std::uint32_t in_flight = 0; ///< with it
        bool counts = false;         ///< its time does: the window was full, and it did not have to connect
    };

    /// Whether one more request may begin now.
    bool admits() const { return in_flight_ < size_; }

    /// A request begins, which admits() allowed. Each ends with one end().
    Start begin(TimePoint now);
    void end(const Start& start, End end, TimePoint now);

    std::size_t size() const { return size_; }
    std::size_t in_flight() const { return in_flight_; }

private:
    enum class Phase {
        ramp,
        rest,  ///< a round as it is
        trial, ///< a round with another size
    };

    /// What a round has told so far, of the requests that began in it.
    struct Round {
        TimePoint began{};
        std::size_t size = 0; ///< at its beginning
        std::size_t answered = 0;
        std::size_t overloaded = 0;
        std::size_t timed = 0; ///< of the answered ones, those whose times count
        double times = 0;      ///< sum of the logarithms of their seconds
        double squares = 0;    ///< sum of the squares of these
        double in_flight = 0;  ///< sum of how many were in flight with each
    };

    /// It describes a round that has ended.
    struct Measure {
        double time = 0;      ///< mean of the logarithms, longer by what was refused
        double in_flight = 0; ///< logarithm of the mean
    };

    void ramp_answered(const Start& start, double time);
    bool is_slow(double time) const;
    bool is_over(TimePoint now) const;
    bool is_exact() const;
    void round_ended(TimePoint now);
    void ramp_ended(const Measure& measure);
    void leave_ramp();
    void rest_ended(const Measure& measure);
    void begin_trial();
    void trial_ended(const Measure& measure, TimePoint now);
    void resize(double by);

    WindowOptions options_;
    std::size_t size_ = 0;
    std::size_t in_flight_ = 0;
    std::size_t connections_ = 0; ///< so many were in flight at a time, so as many were opened
    Phase phase_ = Phase::ramp;
    std::uint32_t number_ = 1;    ///< of the round
    std::uint32_t ramp_from_ = 1; ///< the ramp's first round: what began before adds nothing
    double growth_ = 0;           ///< of the ramp, not yet one
    Round round_;
    Measure base_;                ///< what a round is compared with: the ramp's best, or the one before the trial
    bool has_base_ = false;       ///< false only in the ramp's first round
    std::size_t size_before_ = 0; ///< the trial
    bool upward_ = false;         ///< the next trial, or the present one
    double step_;                 ///< of the next trial
    int pause_ = 1;               ///< rounds before the next trial
    int rested_ = 0;
    int refused_trials_ = 0; ///< in a row
};

} // namespace smsbcast::app
