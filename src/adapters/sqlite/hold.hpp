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

/// What was opened is a copy, beside a mark that knows of so many steps: from now on it is ahead of every copy that
/// there is, so that the same one is recognised again when it is put back once more. Gives its count.
std::int64_t branch_off(Connection& db, std::int64_t known);

/// A broadcast that may go on has messages left to send.
bool work_is_left(Connection& db);

} // namespace smsbcast::adapters::sqlite
