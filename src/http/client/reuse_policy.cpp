#include "reuse_policy.hpp"

#include <algorithm>

namespace smsbcast::http {

namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// A limit of the peer beyond this many answers costs less than one request in as many, so it is not
// looked for any further.
constexpr std::uint32_t kEnoughAnswers = 300;
// The window doubles with each success, so this is "no limit" after sixteen of them.
constexpr std::uint32_t kWidestWindow = 1U << 16U;

// A loss may have been an accident, such as a restart of the peer. A peer that goes on losing
// requests is asked ever more rarely.
constexpr milliseconds kFirstPause = 1s;
constexpr milliseconds kLongestPause = 10min;
constexpr int kPauseFactor = 4;
constexpr int kForgivenAfter = 10; // pauses without a loss

// A peer that closes idle connections does so after this time at least, as far as that can be told
// from closing after an answer.
constexpr milliseconds kShortestIdle = 50ms;
// A connection that was closed this soon was closed because of its last answer, and not for being
// idle.
constexpr milliseconds kSoon = 1s;
constexpr milliseconds kIdleIsRemembered = 10min;

} // namespace

ReusePolicy::Use ReusePolicy::judge(Kept connection, Time now) const {
    // A connection that lay longer than the last one that was lost for lying is not tried at all.
    if (connection.idle > most_idle_ && now < most_idle_until_)
        return Use::none;
    // Nobody has used a connection that often with this peer, so one is tried alone, and the others
    // wait for what becomes of it.
    if (connection.answers >= free_below_) {
        const bool may_try = !trial_runs_ && now >= no_trial_before_;
        const bool settled = !must_settle_ || connection.idle >= settle_;
        return !may_try ? Use::none : settled ? Use::trial : Use::settle;
    }
    if (connection.answers > 1 || first_window_ == kWidestWindow)
        return Use::free;
    // The second use of a connection is the one at which peers that close after each answer show.
    // So few do it at first, and twice as many after each success.
    return first_run_ < first_window_ ? Use::first : Use::none;
}

void ReusePolicy::begin(Use use) {
    trial_runs_ = trial_runs_ || use == Use::trial || use == Use::settle;
    first_run_ += use == Use::first ? 1 : 0;
}

void ReusePolicy::found_closed(Kept connection, Time now) {
    // The peer closed it in time, which cost nothing; it still shows that further uses would be
    // lost.
    if (connection.answers >= free_below_ && connection.idle < kSoon)
        pause(now);
}

bool ReusePolicy::end(Use use, Kept connection, Outcome outcome, Time now) {
    if (use == Use::none)
        return false;
    // The caller reports the end of every use that it began, so these counts come back to zero.
    trial_runs_ = trial_runs_ && use != Use::trial;
    first_run_ -= use == Use::first ? 1 : 0;
    if (outcome == Outcome::answered)
        went_well(use, connection, now);
    return outcome == Outcome::lost && lose(connection, now);
}

void ReusePolicy::went_well(Use use, Kept connection, Time now) {
    // A use that began before a loss says nothing about what comes after it.
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
    // It had been used less often than others were, so its idleness is to blame and not the number
    // of its answers. Half of that time is allowed from now on.
    if (connection.idle >= kShortestIdle && connection.answers < free_below_) {
        most_idle_ = std::min(now < most_idle_until_ ? most_idle_ : milliseconds::max(), connection.idle / 2);
        most_idle_until_ = now + kIdleIsRemembered;
        return false;
    }
    // What had been allowed is taken back to where it certainly went well.
    free_below_ = std::max<std::uint32_t>(1, std::min(free_below_, connection.answers));
    first_window_ = 1;
    must_settle_ = true;
    return pause(now);
}

bool ReusePolicy::pause(Time now) {
    if (now < no_trial_before_) // of the requests that were under way at the first loss
        return false;
    // A peer that kept its connections for ten pauses has shown that the loss was an accident.
    const bool forgiven = pause_ == 0ms || now - no_trial_before_ > kForgivenAfter * pause_;
    pause_ = forgiven ? kFirstPause : std::min(kPauseFactor * pause_, kLongestPause);
    no_trial_before_ = now + pause_;
    return true;
}

} // namespace smsbcast::http
