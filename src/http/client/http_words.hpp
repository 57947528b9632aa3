#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace smsbcast::http {

/// The text without the blanks at both ends.
std::string_view without_blanks(std::string_view text);

/// ASCII letters count the same in both cases.
bool same_word(std::string_view a, std::string_view b);

/// Takes the next line off the front of `text`, without its LF or CR LF. What has no line end is a line as well.
std::string_view take_line(std::string_view& text);

/// Takes the next element off a list with commas, without the blanks around it.
std::string_view take_element(std::string_view& list);

/// The size that the line before a chunk gives: hexadecimal digits, with blanks around them, before
/// an extension. Nothing for any other line.
std::optional<std::uint64_t> parse_chunk_size(std::string_view line);

} // namespace smsbcast::http
