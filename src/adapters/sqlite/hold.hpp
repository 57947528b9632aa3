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

/// Notes so many steps of handing messages over: what is taken, begun, recorded.
void count_handed_over(Transaction& transaction, std::size_t steps);

/// A broadcast that may go on has messages left to send.
bool work_is_left(Connection& db);

} // namespace smsbcast::adapters::sqlite
