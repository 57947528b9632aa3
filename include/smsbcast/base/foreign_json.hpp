#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smsbcast {

/// A view of JSON that others wrote, without what some put around it and parsers do not take: a
/// byte-order mark, NULs, and blanks that are not JSON's.
std::string_view json_core(std::string_view document);

/// Gives the same document with the faults within its strings replaced: control characters that are not
/// escaped, escapes that do not exist, halves of surrogate pairs. Nothing that decides anything
/// stands there.
std::string mended_json(std::string_view document);

/// The first place from `from` on where half of a surrogate pair (an escape such as `\ud83d`)
/// stands alone; npos when there is none.
std::size_t find_lone_surrogate(std::string_view text, std::size_t from = 0);

/// The text of a member of the outermost object as it is written, which for a number is more than a
/// parser keeps: 1e21, or one of 30 digits. Of several with the same name the last counts. Empty
/// when there is none, or its name has an escape. `document` is valid JSON, and must outlive the
/// result.
std::string_view raw_member(std::string_view document, std::string_view name);

} // namespace smsbcast
