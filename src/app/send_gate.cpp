#include "send_messages_state.hpp"
#include "smsbcast/base/log.hpp"
#include "smsbcast/base/overload.hpp"
#include "smsbcast/base/random.hpp"

#include <cmath>

namespace smsbcast::app {

namespace {

CircuitBreaker::Sign sign_of(const SubmitOutcome& outcome) {
    using Sign = CircuitBreaker::Sign;
    return std::visit(Overload{[](const NotSent& not_sent) { return not_sent.tried ? Sign::failure : Sign::none; },
                               [](const Uncertain&) { return Sign::failure; }, [](const auto&) { return Sign::life; }},
                      outcome);
}

std::string code_of(const SubmitOutcome& outcome) {
    return std::visit(Overload{[](const NotSent& not_sent) { return not_sent.code; },
                               [](const Uncertain& uncertain) { return uncertain.code; },
                               [](const auto&) { return std::string(); }},
                      outcome);
}

} // namespace

SendMessages::State::TimePoint SendMessages::State::gate_opens_at(TimePoint now) const {
    return breaker.admits() ? rate.opens_at(now) : TimePoint::max();
}

SendMessages::State::Begun SendMessages::State::begin_submission(TimePoint now) {
    if (gated_lanes > 0 && board.ready() > 0)
        lanes->notify_one();
    return {breaker.begin(), rate.begin(now)};
}

void SendMessages::State::end_submission(const Begun& begun, const SubmitOutcome& outcome) {
    if (stopping) // nothing follows, and what is given up tells nothing of the provider
        return;
    const auto now = clock.now();
    if (breaker.end(begun.era, sign_of(outcome), now, random_fraction()))
        circuit_changed(outcome);
    const auto* throttled = std::get_if<Throttled>(&outcome);
    if (throttled && rate.throttled(begun.start, throttled->retry_after, now))
        log::warn("provider_throttled", {{"pause_ms", rate.paused_until() - now},
                                         {"limit_per_s", std::lround(rate.limit(now).value_or(0))},
                                         {"code", throttled->code}});
}

// What cannot go out waits in the outbox, where any worker finds it.
void SendMessages::State::circuit_changed(const SubmitOutcome& by) {
    if (breaker.state() == Circuit::closed) {
        log::info("circuit_closed");
        announcer->notify_all();
        return;
    }
    log::warn("circuit_opened", {{"code", code_of(by)}, {"pause_ms", breaker.open_until() - clock.now()}});
    retreat();
}

void SendMessages::State::retreat() {
    board.retreat();
    recorder->notify_all();
}

bool SendMessages::State::may_take() {
    if (breaker.try_again(clock.now()))
        log::debug("circuit_half_open");
    return breaker.state() != Circuit::open;
}

} // namespace smsbcast::app
