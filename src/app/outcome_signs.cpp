#include "outcome_signs.hpp"

#include "smsbcast/base/overload.hpp"

#include <variant>

namespace smsbcast::app {

CircuitBreaker::Sign breaker_sign(const SubmitOutcome& outcome) {
    using Sign = CircuitBreaker::Sign;
    return std::visit(Overload{[](const NotSent& not_sent) { return not_sent.tried ? Sign::failure : Sign::none; },
                               [](const Uncertain& uncertain) { return uncertain.taken ? Sign::life : Sign::failure; },
                               [](const Refused&) { return Sign::refusal; }, [](const auto&) { return Sign::life; }},
                      outcome);
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

bool was_accepted(const SubmitOutcome& outcome) {
    const auto* uncertain = std::get_if<Uncertain>(&outcome);
    return std::holds_alternative<Accepted>(outcome) || std::holds_alternative<Unidentified>(outcome) ||
           (uncertain && uncertain->taken);
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

} // namespace smsbcast::app
