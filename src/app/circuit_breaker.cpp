#include "smsbcast/app/circuit_breaker.hpp"

#include <algorithm>

namespace smsbcast::app {

namespace {

using std::chrono::milliseconds;

// So many times the row that opens it in time opens it at once.
constexpr int kAtOnce = 10;

} // namespace

std::string_view to_string(Circuit circuit) {
    switch (circuit) {
    case Circuit::closed: return "closed";
    case Circuit::open: return "open";
    case Circuit::half_open: return "half_open";
    }
    return "closed";
}

CircuitBreaker::Epoch CircuitBreaker::begin() {
    probing_ = state_ == Circuit::half_open;
    return epoch_;
}

bool CircuitBreaker::end(Epoch began, Sign sign, TimePoint now, double fraction) {
    if (began != epoch_)
        return false;
    probing_ = false;
    switch (sign) {
    case Sign::none: return false;
    case Sign::failure: return failed(now, fraction);
    case Sign::refusal: return refuse(now, fraction);
    case Sign::life: break;
    }
    consecutive_failures_ = 0;
    return state_ == Circuit::half_open && close(now);
}

bool CircuitBreaker::close(TimePoint now) {
    if (state_ == Circuit::closed)
        return false;
    consecutive_failures_ = 0;
    since_ = now;
    change(Circuit::closed);
    return true;
}

bool CircuitBreaker::failed(TimePoint now, double fraction) {
    if (state_ == Circuit::half_open) {
        refused_ = false;
        return probe_failed(options_.longest_pause, now, fraction);
    }
    if (options_.failures == 0)
        return false;
    if (consecutive_failures_ == 0)
        failing_since_ = now;
    if (consecutive_failures_ < kAtOnce * options_.failures)
        ++consecutive_failures_;
    const bool lasts = consecutive_failures_ >= options_.failures && now - failing_since_ >= options_.min_duration;
    if (!lasts && consecutive_failures_ < kAtOnce * options_.failures)
        return false;
    refused_ = false;
    return open_first(now, fraction);
}

bool CircuitBreaker::refuse(TimePoint now, double fraction) {
    if (state_ == Circuit::open)
        return false;
    refused_ = true;
    if (state_ == Circuit::half_open)
        return probe_failed(options_.longest_refused, now, fraction);
    return open_first(now, fraction);
}

bool CircuitBreaker::probe_failed(milliseconds longest, TimePoint now, double fraction) {
    pause_ = std::min(2 * pause_, longest);
    open(now, fraction);
    return true;
}

bool CircuitBreaker::open_first(TimePoint now, double fraction) {
    consecutive_failures_ = 0;
    since_ = now;
    pause_ = options_.first_pause;
    open(now, fraction);
    return true;
}

void CircuitBreaker::open(TimePoint now, double fraction) {
    open_until_ =
        now + milliseconds(static_cast<std::int64_t>(static_cast<double>(pause_.count()) * (1 - fraction / 2)));
    change(Circuit::open);
}

bool CircuitBreaker::try_again(TimePoint now) {
    if (state_ != Circuit::open || now < open_until_)
        return false;
    change(Circuit::half_open);
    return true;
}

void CircuitBreaker::change(Circuit state) {
    state_ = state;
    ++epoch_;
}

} // namespace smsbcast::app
