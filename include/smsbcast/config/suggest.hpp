#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace smsbcast::config {

/// The word that was probably meant: the one that the fewest edits (insert, delete, replace, swap of neighbours) part
/// from `given`, not counting case. None when all are too far off, more than a third of the letters.
std::optional<std::string_view> suggest(std::string_view given, std::span<const std::string_view> words);

} // namespace smsbcast::config
