#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smsbcast {

/// The text without the letters at both ends that no reader sees: joiners, marks of direction,
/// byte-order marks, blanks that do not break a line. They come along when a number is copied from
/// a web page or an address book.
std::string_view without_invisible(std::string_view text);

/// Whether one of those letters stands anywhere in the text.
bool has_invisible(std::string_view text);

/// The text without those letters, blanks and control characters but U+0000 at both ends.
std::string_view without_margins(std::string_view text);

/// Text of others as one line that can be shown and stored anywhere: control characters are blanks, what is invisible
/// or turns the direction of writing is left out, what is not UTF-8 is a '?', and whatever may be somebody's telephone
/// number (7 digits or more, with what people put between digits) shows its last three digits only: `•••678`.
/// Has at most `most` bytes and ends at a letter's border.
std::string presentable(std::string_view text, std::size_t most);

} // namespace smsbcast
