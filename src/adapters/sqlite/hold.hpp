#pragma once

#include "job.hpp"

#include "smsbcast/base/result.hpp"
#include "smsbcast/ports/installation.hpp"

#include <optional>
#include <string_view>

namespace smsbcast::adapters::sqlite {

// What Installation does, and what others note in its row.

std::optional<Hold> find_hold(Connection& db);

/// The first reason stays.
Hold hold(Transaction& transaction, std::string_view because);

/// A step of some 20 ms.
ReleaseReport release(Transaction& transaction, const ReleaseOptions& options);

/// Gives how many messages were ever taken to be handed over, these included.
std::int64_t count_handed_over(Connection& db, std::size_t messages);

/// A broadcast that may go on has messages left to send.
bool work_is_left(Connection& db);

} // namespace smsbcast::adapters::sqlite
