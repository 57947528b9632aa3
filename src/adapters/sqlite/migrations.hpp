#pragma once

#include "smsbcast/schema/migrations.hpp"

namespace smsbcast::adapters::sqlite {

using schema::Migration;

/// The files of sql/sqlite, ascending by number.
std::span<const Migration> migrations();

} // namespace smsbcast::adapters::sqlite
