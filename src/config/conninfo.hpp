#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace smsbcast::config {

/// One `name = value` of a libpq connection text; the value's quotes and backslashes are part of [begin, end).
struct ConninfoParameter {
    std::string_view name;
    std::size_t begin;
    std::size_t end;
};

/// Reads `host=db password='it\'s'` as libpq's conninfo_parse() does. None when libpq would refuse it.
std::optional<std::vector<ConninfoParameter>> parse_conninfo(std::string_view text);

} // namespace smsbcast::config
