#pragma once

#include "smsbcast/runtime/migrations.hpp"

namespace smsbcast::adapters::sqlite {

using runtime::Migration;

/// The files of sql/sqlite, ascending by number.
std::span<const Migration> migrations();

} // namespace smsbcast::adapters::sqlite
