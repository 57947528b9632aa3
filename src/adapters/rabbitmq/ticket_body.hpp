#pragma once

#include "smsbcast/domain/ticket.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::adapters::rabbitmq {

/// A body of more bytes than this is no ticket; no more of it is kept.
inline constexpr std::size_t kMaxTicketBody = 4096;

/// `{"v":1,"ticket":"018c…","attempt":3}`
std::string write_ticket_body(const TicketRef& ticket);

/// Takes any JSON object with those three members, in any order, among others that are ignored: a later version may
/// add members without changing `v`. Empty for everything else: another version, a member given twice, a nil ticket.
std::optional<TicketRef> read_ticket_body(std::string_view body);

} // namespace smsbcast::adapters::rabbitmq
