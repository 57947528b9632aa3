#pragma once

#include "smsbcast/runtime/migrations.hpp"

namespace smsbcast::adapters::postgres {

using runtime::Migration;

/// The files of sql/postgres, ascending by number.
std::span<const Migration> migrations();

} // namespace smsbcast::adapters::postgres
