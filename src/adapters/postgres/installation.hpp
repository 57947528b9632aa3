#pragma once

#include "database.hpp"

namespace smsbcast::adapters::postgres {

/// Notes where the tables are, once a Database. Where they were written elsewhere, which a restored dump shows, and
/// something is left to send, the installation is held in the same transaction.
runtime::Awaitable<Result<void>> note_home(std::shared_ptr<Database> database, Deadline deadline);

} // namespace smsbcast::adapters::postgres
