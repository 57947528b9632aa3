#pragma once

#include "database.hpp"

#include "smsbcast/ports/broadcast_intake.hpp"

#include <memory>

namespace smsbcast::adapters::postgres {

/// A broadcast that is written in one transaction on one connection, which it has from the first piece to the end.
std::unique_ptr<BroadcastIntake> make_broadcast_intake(std::shared_ptr<Database> database, BroadcastId id,
                                                       int ticket_size, Deadline deadline);

} // namespace smsbcast::adapters::postgres
