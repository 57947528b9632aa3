#pragma once

#include "smsbcast/schema/migrations.hpp"

namespace smsbcast::adapters::postgres {

using schema::Migration;

/// The files of sql/postgres, ascending by number.
std::span<const Migration> migrations();

} // namespace smsbcast::adapters::postgres
