#pragma once

#include "smsbcast/base/error.hpp"

#include <string_view>

namespace smsbcast::adapters::postgres {

/// What an SQLSTATE (PostgreSQL 15, appendix A) means for a caller: class 40 retry · 08, 57P0x, 53, 25006 unavailable ·
/// 55P03 and 57014 timeout · internal where statement, rights, schema or server are at fault · everything else (22, 23,
/// 54, what a trigger raises, …) refused.
Errc errc_of(std::string_view sqlstate);

} // namespace smsbcast::adapters::postgres
