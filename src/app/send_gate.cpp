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
                               [](const Uncertain& uncertain) { return uncertain.taken ? Sign::life : Sign::failure; },
                               [](const Refused&) { return Sign::refusal; }, [](const auto&) { return Sign::life; }},
                      outcome);
}

bool was_accepted(const SubmitOutcome& outcome) {
    const auto* uncertain = std::get_if<Uncertain>(&outcome);
    return std::holds_alternative<Accepted>(outcome) || std::holds_alternative<Unidentified>(outcome) ||
           (uncertain && uncertain->taken);
}

// What never reached the provider says nothing of how much it can take.
FlightWindow::End flight_end(const SubmitOutcome& outcome) {
    using End = FlightWindow::End;
    if (std::holds_alternative<NotSent>(outcome))
        return End::ignored;
    const auto* uncertain = std::get_if<Uncertain>(&outcome);
    const bool overloaded = std::holds_alternative<Throttled>(outcome) || (uncertain && uncertain->code == "timeout");
    return overloaded ? End::overloaded : End::answered;
}

ProviderTrouble trouble_of(const SubmitOutcome& outcome) {
    return std::visit(
        Overload{
            [](const NotSent& not_sent) { return ProviderTrouble{.code = not_sent.code, .message = not_sent.message}; },
            [](const Uncertain& uncertain) {
                return ProviderTrouble{.code = uncertain.code, .message = uncertain.message};
            },
            [](const Refused& refused) {
                return ProviderTrouble{.refused = true, .code = refused.code, .message = refused.message};
            },
            [](const auto&) { return ProviderTrouble(); }},
        outcome);
}

} // namespace

SendMessages::State::TimePoint SendMessages::State::gate_opens_at(TimePoint now) const {
    return breaker.admits() && window.admits() ? rate.opens_at(now) : TimePoint::max();
}

std::size_t SendMessages::State::room() const {
    return window.admits() ? window.size() - window.in_flight() : 0;
}

// A message that probes the provider is a random one, and the others go in turns.
std::optional<SendItem> SendMessages::State::next_item(TimePoint now) {
    return breaker.state() == Circuit::half_open ? board.probe(now, random_fraction(), random_fraction())
                                                 : board.next(now);
}

SendMessages::State::Begun SendMessages::State::begin_submission(TimePoint now) {
    const Begun begun{breaker.begin(), rate.begin(now), window.begin(now), now};
    if (idle_lanes > 0 && board.ready() > 0 && gate_opens_at(now) <= now)
        lanes->notify_one();
    return begun;
}

void SendMessages::State::end_submission(const Begun& begun, const SubmitOutcome& outcome) {
    const auto now = clock.now();
    window.end(begun.flight, flight_end(outcome), now);
    if (stopping) // nothing follows, and what is given up tells nothing of the provider
        return;
    if (breaker.end(begun.epoch, sign_of(outcome), now, random_fraction()))
        circuit_changed(trouble_of(outcome));
    if (was_accepted(outcome))
        note_acceptance(begun);
    note_pace(rate.end(begun.start, std::holds_alternative<Throttled>(outcome), now));
}

void SendMessages::State::note_pace(AdaptiveRate::Change change) {
    if (change == AdaptiveRate::Change::limited)
        log::warn("provider_throttles", {{"limit_per_s", std::lround(rate.limit(clock.now()).value_or(0))}});
    else if (change == AdaptiveRate::Change::lifted)
        log::info("provider_throttles_no_more");
}

void SendMessages::State::circuit_changed(ProviderTrouble why) {
    if (breaker.state() == Circuit::closed) {
        log::info("circuit_closed");
        trouble.reset();
        marker->notify_all();
        taker->notify_all();
        return;
    }
    const bool known = trouble && trouble->refused == why.refused && trouble->code == why.code;
    why.disputed = why.disputed || (known && trouble->disputed);
    trouble = std::move(why);
    // Once for each trouble, not once a probe.
    const auto level = known ? log::Level::debug : log::Level::warn;
    log::write(level, trouble->refused ? "provider_refuses" : "circuit_opened",
               {{"setting", "PROVIDER_URL"},
                {"address", options.provider_address},
                {"code", trouble->code},
                {"message", trouble->message},
                {"pause_ms", breaker.open_until() - clock.now()}});
    give_back_all();
}

// What cannot go out waits in the outbox, where any worker finds it.
void SendMessages::State::give_back_all() {
    board.give_back_all();
    recorder->notify_all();
}

bool SendMessages::State::may_take() {
    if (breaker.try_again(clock.now()))
        log::debug("circuit_half_open");
    return breaker.state() != Circuit::open;
}

} // namespace smsbcast::app
