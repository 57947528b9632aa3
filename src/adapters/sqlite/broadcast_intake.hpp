#pragma once

#include "calls.hpp"

#include "smsbcast/ports/broadcast_intake.hpp"

#include <memory>

namespace smsbcast::adapters::sqlite {

/// A broadcast that is written piece after piece; between two of them the writer serves others. `calls` must outlive
/// its calls.
std::unique_ptr<BroadcastIntake> make_broadcast_intake(Calls& calls, BroadcastId id, int ticket_size,
                                                       Deadline deadline);

} // namespace smsbcast::adapters::sqlite
