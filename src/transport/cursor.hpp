#pragma once

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/domain/message_status.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::transport {

/// Which list a page belongs to. A cursor of one list is refused by every other.
struct CursorScope {
    enum class List : std::uint8_t { broadcasts = 1, messages = 2 };
    List list = List::broadcasts;
    BroadcastId broadcast;               ///< whose messages; nil for the list of broadcasts
    std::optional<MessageStatus> status; ///< the filter
};

/// Opaque text that stands for "after `last`". Its checksum finds typing errors and cursors of another list; it is no
/// signature, since whoever forged one could read nothing that the list itself does not show.
std::string make_cursor(const CursorScope& scope, const Uuid& last);

/// Nothing unless it was made for the same scope.
std::optional<Uuid> read_cursor(const CursorScope& scope, std::string_view text);

} // namespace smsbcast::transport
