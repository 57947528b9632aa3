#pragma once

#include "smsbcast/base/error.hpp"

#include <string_view>

namespace smsbcast::adapters::postgres {

/// What an SQLSTATE (PostgreSQL 15, appendix A) means for a caller: class 40 retry · 08, 57P0x, 53, 25006 unavailable ·
/// 55P03 and 57014 timeout · everything else internal.
Errc errc_of(std::string_view sqlstate);

} // namespace smsbcast::adapters::postgres
