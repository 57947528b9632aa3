#pragma once

#include "smsbcast/domain/ticket.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::adapters::rabbitmq {

/// A body of more bytes than this is no ticket; no more of it is kept.
inline constexpr std::size_t kMaxTicketBody = 4096;

struct TicketBody {
    TicketRef ticket;
    std::optional<Uuid> installation; ///< whose it is; bodies of earlier releases do not say

    friend bool operator==(const TicketBody&, const TicketBody&) = default;
};

/// `{"v":1,"ticket":"018c…","attempt":3,"installation":"7f3a…"}`
std::string write_ticket_body(const TicketRef& ticket, const Uuid& installation);

/// Takes any JSON object with the first three members, in any order, among others that are ignored: a later version may
/// add members without changing `v`. Empty for everything else: another version, a member given twice, a nil id, an
/// installation that is no id.
std::optional<TicketBody> read_ticket_body(std::string_view body);

} // namespace smsbcast::adapters::rabbitmq
