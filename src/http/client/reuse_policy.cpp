#include "reuse_policy.hpp"

#include <algorithm>

namespace smsbcast::http {

namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// A limit beyond this costs less than one request in as many.
constexpr std::uint32_t kEnoughAnswers = 300;
constexpr std::uint32_t kWidestWindow = 1U << 16U;

constexpr milliseconds kFirstPause = 1s;
constexpr milliseconds kLongestPause = 10min;
constexpr int kPauseFactor = 4;
constexpr int kForgivenAfter = 10; // pauses without a loss

// Who closes an idle connection does so after this at least, as far as it can be told from closing after an answer.
constexpr milliseconds kShortestIdle = 50ms;
// Closed this soon, it was closed because of its last answer and not for being idle.
constexpr milliseconds kSoon = 1s;
constexpr milliseconds kIdleIsRemembered = 10min;

} // namespace

ReusePolicy::Use ReusePolicy::judge(Kept connection, Time now) const {
    if (connection.idle > most_idle_ && now < most_idle_until_)
        return Use::none;
    if (connection.answers >= free_below_) {
        const bool may_try = !trial_runs_ && now >= no_trial_before_;
        const bool settled = !must_settle_ || connection.idle >= settle_;
        return !may_try ? Use::none : settled ? Use::trial : Use::settle;
    }
    if (connection.answers > 1 || first_window_ == kWidestWindow)
        return Use::free;
    return first_run_ < first_window_ ? Use::first : Use::none;
}

void ReusePolicy::begin(Use use) {
    trial_runs_ = trial_runs_ || use == Use::trial || use == Use::settle;
    first_run_ += use == Use::first ? 1 : 0;
}

void ReusePolicy::found_closed(Kept connection, Time now) {
    if (connection.answers >= free_below_ && connection.idle < kSoon)
        pause(now);
}

bool ReusePolicy::end(Use use, Kept connection, Outcome outcome, Time now) {
    if (use == Use::none)
        return false;
    trial_runs_ = trial_runs_ && use != Use::trial;
    first_run_ -= use == Use::first ? 1 : 0;
    if (outcome == Outcome::answered)
        went_well(use, connection, now);
    return outcome == Outcome::lost && lose(connection, now);
}

void ReusePolicy::went_well(Use use, Kept connection, Time now) {
    // What began before a loss says nothing about what comes after it.
    if ((use != Use::trial && use != Use::first) || now < no_trial_before_)
        return;
    first_window_ = std::min(2 * first_window_, kWidestWindow);
    if (use == Use::first)
        return;
    must_settle_ = false;
    free_below_ = std::max(free_below_, connection.answers + 1);
    if (free_below_ > kEnoughAnswers)
        free_below_ = kAny;
}

bool ReusePolicy::lose(Kept connection, Time now) {
    if (connection.idle >= kShortestIdle && connection.answers < free_below_) {
        most_idle_ = std::min(now < most_idle_until_ ? most_idle_ : milliseconds::max(), connection.idle / 2);
        most_idle_until_ = now + kIdleIsRemembered;
        return false;
    }
    free_below_ = std::max<std::uint32_t>(1, std::min(free_below_, connection.answers));
    first_window_ = 1;
    must_settle_ = true;
    return pause(now);
}

bool ReusePolicy::pause(Time now) {
    if (now < no_trial_before_) // of the requests that were under way at the first loss
        return false;
    const bool forgiven = pause_ == 0ms || now - no_trial_before_ > kForgivenAfter * pause_;
    pause_ = forgiven ? kFirstPause : std::min(kPauseFactor * pause_, kLongestPause);
    no_trial_before_ = now + pause_;
    return true;
}

} // namespace smsbcast::http
