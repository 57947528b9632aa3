#include "smsbcast/app/flight_window.hpp"

#include <algorithm>
#include <cmath>

namespace smsbcast::app {

namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

// Where it begins: small, and yet only six round trips away from a thousand.
constexpr std::size_t kFirst = 16;

// A round of the ramp is over with so many answers, one of a trial with more: there, a fifth more or less must show.
constexpr std::size_t kRampAnswers = 16;
constexpr std::size_t kTrialAnswers = 64;
// A fast server gives as many in no time, in which the machine's own hiccups are large.
constexpr auto kRampRound = 5ms;
constexpr auto kTrialRound = 50ms;

// Where the times are spread wide, a trial's round goes on for up to so many turns of the window, until the standard
// error of their mean is that small.
constexpr std::size_t kMaxTurns = 8;
constexpr double kErrorAllowed = 0.02;

// So many times tell something of a ramp's round.
constexpr std::size_t kLeastTimes = 8;
// Answers that take so many times as long as at first, as a logarithm: they add nothing to the window, and end the ramp
// when they do so on average.
const double kSlower = std::log(1.25);
// What a ramp leaves of its window at least: it has not doubled twice since it was too large.
constexpr double kLeastKept = 1 / 3.0;
// While the window is small, it grows less steeply: a server of few would be driven far beyond what it serves before
// the first slow answer shows, and the slower it is, the longer that would last.
constexpr std::size_t kSmall = 48;
constexpr double kSmallGrowth = 1 / 6.0;
constexpr double kSmallStepUp = 0.4;
// A ramp's round may grow by this factor: it lasts longer than the round trip that doubles the window.
constexpr std::size_t kRampGrowth = 4;

// A trial has the window's size times or over 1 + the step. The step doubles with each trial that paid in full, and
// begins anew with one that paid in part: the server is nearly full, and twice the step would be far beyond it.
constexpr double kFirstStep = 0.2;
constexpr double kLongestStepUp = 1.0;
constexpr double kLongestStepDown = 0.5;
constexpr int kLongestPause = 16;

// A step pays when throughput changes by this part of it: a server that is not full gives 1, a full one 0.
constexpr double kPays = 0.3;
constexpr double kPaysInFull = 0.7;

// On a round in which so much was refused nothing is to be built.
constexpr double kMostlyRefused = 0.5;

// A trial that took longer than a second and so many times an answer's time is void: the window was not full meanwhile,
// and the server may have become another one.
constexpr double kStale = 32;

double log_of(FlightWindow::TimePoint::duration time) {
    return std::log(std::max(Seconds(time).count(), 1e-6));
}

std::size_t scaled(std::size_t size, double by) {
    return static_cast<std::size_t>(static_cast<double>(size) * by);
}

} // namespace

FlightWindow::FlightWindow(WindowOptions options) : options_(options), step_(kFirstStep) {
    options_.least = std::max<std::size_t>(options_.least, 1);
    options_.most = std::max(options_.most, options_.least);
    size_ = std::clamp(kFirst, options_.least, options_.most);
    round_.size = size_;
}

FlightWindow::Start FlightWindow::begin(TimePoint now) {
    ++in_flight_;
    const bool connects = in_flight_ > connections_;
    connections_ = std::max(connections_, in_flight_);
    // Nearly full is full: while the ramp adds one for each answer, there is always one to come.
    const bool full = in_flight_ * 5 >= size_ * 4;
    return {now, number_, static_cast<std::uint32_t>(in_flight_), full && !connects};
}

void FlightWindow::end(const Start& start, End end, TimePoint now) {
    --in_flight_;
    if (end == End::ignored)
        return;
    const double time = log_of(now - start.at);
    if (phase_ == Phase::ramp && end == End::answered)
        ramp_answered(start, time);
    if (start.round != number_)
        return;
    if (round_.answered + round_.overloaded == 0)
        round_.began = start.at;
    if (end == End::overloaded) {
        ++round_.overloaded;
    } else {
        ++round_.answered;
        if (start.counts || !has_base_) {
            ++round_.timed;
            round_.times += time;
            round_.squares += time * time;
            round_.in_flight += start.in_flight;
        }
    }
    if (is_over(now))
        round_ended(now);
}

void FlightWindow::ramp_answered(const Start& start, double time) {
    const auto in_flight = std::max<std::size_t>(start.in_flight, in_flight_ + 1);
    const bool small = size_ < kSmall;
    if (start.round < ramp_from_ || in_flight * 2 < size_ || is_slow(time))
        return;
    growth_ += small ? kSmallGrowth : 1;
    if (growth_ < 1)
        return;
    growth_ -= 1;
    size_ = std::min({size_ + 1, round_.size * kRampGrowth, options_.most});
}

bool FlightWindow::is_slow(double time) const {
    return has_base_ && time - base_.time > kSlower;
}

bool FlightWindow::is_over(TimePoint now) const {
    const auto ended = round_.answered + round_.overloaded;
    if (phase_ == Phase::ramp)
        return ended >= std::max(kRampAnswers, round_.size / 4) && now - round_.began >= kRampRound;
    if (round_.overloaded >= std::max(kRampAnswers, size_ / 4))
        return true;
    const auto turn = std::max(kTrialAnswers, size_);
    return round_.timed + round_.overloaded >= turn && now - round_.began >= kTrialRound &&
           (ended >= kMaxTurns * turn || is_exact());
}

// The variance over the number is the square of the mean's standard error.
bool FlightWindow::is_exact() const {
    const auto count = static_cast<double>(round_.timed);
    const auto mean = round_.times / count;
    return round_.squares / count - mean * mean < count * kErrorAllowed * kErrorAllowed;
}

void FlightWindow::round_ended(TimePoint now) {
    const auto refused =
        static_cast<double>(round_.overloaded) / static_cast<double>(round_.answered + round_.overloaded);
    if (refused >= kMostlyRefused) {
        resize(1 - refused);
        phase_ = Phase::ramp;
        ramp_from_ = number_ + 1;
        has_base_ = false;
    } else if (round_.timed >= kLeastTimes) {
        const auto count = static_cast<double>(round_.timed);
        const Measure measure{round_.times / count - std::log(1 - refused), std::log(round_.in_flight / count)};
        switch (phase_) {
        case Phase::ramp: ramp_ended(measure); break;
        case Phase::rest: rest_ended(measure); break;
        case Phase::trial: trial_ended(measure, now); break;
        }
    }
    ++number_;
    round_ = {.size = size_};
}

void FlightWindow::ramp_ended(const Measure& measure) {
    if (!has_base_ || measure.time < base_.time)
        base_ = measure;
    has_base_ = true;
    if (is_slow(measure.time)) {
        // Little's law again: so many are served at a time, the others wait.
        const double served = std::exp(measure.in_flight - (measure.time - base_.time));
        resize(std::max(served / static_cast<double>(size_), kLeastKept));
        leave_ramp();
    } else if (size_ == options_.most) {
        leave_ramp();
    }
}

void FlightWindow::leave_ramp() {
    phase_ = Phase::rest;
    has_base_ = true;
    upward_ = false;
    step_ = kFirstStep;
    pause_ = 1;
    rested_ = 0;
    refused_trials_ = 0;
}

void FlightWindow::rest_ended(const Measure& measure) {
    const double changed = measure.time - base_.time;
    base_ = measure;
    if (std::abs(changed) > kSlower) {
        pause_ = 1;
        upward_ = changed > 0;
    }
    if (++rested_ >= pause_)
        begin_trial();
}

void FlightWindow::begin_trial() {
    size_before_ = size_;
    if (size_ == (upward_ ? options_.most : options_.least))
        upward_ = !upward_;
    if (upward_)
        size_ = std::min(options_.most, std::max(size_ + 1, scaled(size_, 1 + step_)));
    else
        size_ =
            std::max(options_.least, std::min(size_ - 1, scaled(size_, 1 / (1 + std::min(step_, kLongestStepDown)))));
    phase_ = size_ == size_before_ ? Phase::rest : Phase::trial;
}

void FlightWindow::trial_ended(const Measure& measure, TimePoint now) {
    const bool stale = Seconds(now - round_.began).count() > std::max(1.0, kStale * std::exp(measure.time));
    const double meant = std::log(static_cast<double>(size_) / static_cast<double>(size_before_));
    const double grown = measure.in_flight - base_.in_flight;
    const double paid = 1 - (measure.time - base_.time) / grown;
    const bool told = !stale && grown / meant > 0.5;
    rested_ = 0;
    const bool paid_in_part = upward_ && paid < kPaysInFull;
    if (told && (upward_ ? paid > kPays : paid < kPays)) {
        base_ = measure;
        step_ = paid_in_part ? kFirstStep : std::min(2 * step_, size_ < kSmall ? kSmallStepUp : kLongestStepUp);
        pause_ = 1;
        refused_trials_ = 0;
        begin_trial();
        return;
    }
    size_ = size_before_;
    phase_ = Phase::rest;
    if (!told)
        return;
    upward_ = !upward_;
    step_ = kFirstStep;
    if (++refused_trials_ > 1) // both ways
        pause_ = std::min(2 * pause_, kLongestPause);
}

void FlightWindow::resize(double by) {
    size_ = std::clamp(scaled(size_, by), options_.least, options_.most);
}

} // namespace smsbcast::app
