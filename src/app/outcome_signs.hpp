#pragma once

#include "smsbcast/app/provider_lane.hpp"

namespace smsbcast::app {

/// What the outcome of a submission says to the circuit breaker and to the window.
CircuitBreaker::Sign breaker_sign(const SubmitOutcome& outcome);
FlightWindow::End flight_end(const SubmitOutcome& outcome);

/// The provider has the message, whether its answer could be read or not.
bool was_accepted(const SubmitOutcome& outcome);

/// Why the circuit opens when this outcome opens it.
ProviderTrouble trouble_of(const SubmitOutcome& outcome);

} // namespace smsbcast::app
