#pragma once

#include "job.hpp"

#include "smsbcast/base/result.hpp"
#include "smsbcast/ports/installation.hpp"

#include <optional>
#include <string_view>

namespace smsbcast::adapters::sqlite {

// These functions are what Installation does, and what others note in its row.

std::optional<Hold> find_hold(Connection& db);

/// The first reason stays.
Hold hold(Transaction& transaction, std::string_view because);

/// One step of some 20 ms.
ReleaseReport release(Transaction& transaction, const ReleaseOptions& options);

/// Adds so many steps of handing messages over (messages taken, tickets begun, results recorded) to
/// the installation's count, by which an older copy of the file is recognised.
void count_handed_over(Transaction& transaction, std::size_t steps);

/// For a file that shows to be a copy, beside a mark that knows of so many steps: from now on its
/// count is ahead of every copy that there is, so that the same copy is recognised again when it is
/// put back once more. Gives its count.
std::int64_t branch_off(Connection& db, std::int64_t known);

/// Whether a broadcast that may go on has messages left to send.
bool work_is_left(Connection& db);

} // namespace smsbcast::adapters::sqlite
