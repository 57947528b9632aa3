#include "copy_rows.hpp"

#include "wire.hpp"

#include <algorithm>

namespace smsbcast::adapters::postgres {

namespace {

// What is handed to libpq at a time: large enough that its overhead vanishes, small enough to stay in the cache.
constexpr std::size_t kPiece = 128 * 1024;

// PostgreSQL 15, "COPY", Binary Format: signature, flags, length of the extension; at the end a field count of -1.
void put_header(std::string& out) {
    out.append("PGCOPY\n\377\r\n\0", 11);
    put(out, std::int32_t{0});
    put(out, std::int32_t{0});
}
void put_trailer(std::string& out) {
    put(out, std::int16_t{-1});
}

void put_uuid(std::string& out, const Uuid& id) {
    put(out, std::int32_t{16});
    out.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

} // namespace

BroadcastLayout::BroadcastLayout(const NewBroadcast& broadcast) {
    UuidBlock message_ids = ids, ticket_ids;
    const auto per_ticket = static_cast<std::size_t>(broadcast.ticket_size);
    for (std::size_t at = 0; at < broadcast.recipients.size(); at += per_ticket) {
        const auto size = std::min(per_ticket, broadcast.recipients.size() - at);
        Ticket ticket{ticket_ids.next(), {}, {}, static_cast<std::int32_t>(size)};
        for (std::size_t n = 0; n < size; ++n) {
            ticket.last = message_ids.next();
            if (n == 0)
                ticket.first = ticket.last;
        }
        tickets.push_back(ticket);
    }
    first_message = tickets.front().first;
    last_message = tickets.back().last;
}

std::function<bool(std::string&)> message_rows(const NewBroadcast& broadcast, const BroadcastLayout& layout) {
    return [&broadcast, &layout, ids = layout.ids, at = std::size_t{0}](std::string& out) mutable {
        if (at == 0)
            put_header(out);
        const auto per_ticket = static_cast<std::size_t>(broadcast.ticket_size);
        for (; at < broadcast.recipients.size() && out.size() < kPiece; ++at) {
            put(out, std::int16_t{4});
            put_uuid(out, ids.next());
            put_uuid(out, broadcast.id.value);
            put_uuid(out, layout.tickets[at / per_ticket].id);
            put(out, std::int32_t{8});
            put(out, static_cast<std::int64_t>(broadcast.recipients[at].digits()));
        }
        if (at < broadcast.recipients.size())
            return true;
        put_trailer(out);
        return false;
    };
}

std::function<bool(std::string&)> ticket_rows(const NewBroadcast& broadcast, const BroadcastLayout& layout) {
    return [&broadcast, &layout, at = std::size_t{0}](std::string& out) mutable {
        if (at == 0)
            put_header(out);
        for (; at < layout.tickets.size() && out.size() < kPiece; ++at) {
            const auto& ticket = layout.tickets[at];
            put(out, std::int16_t{5});
            put_uuid(out, ticket.id);
            put_uuid(out, broadcast.id.value);
            put_uuid(out, ticket.first);
            put_uuid(out, ticket.last);
            put(out, std::int32_t{4});
            put(out, ticket.size);
        }
        if (at < layout.tickets.size())
            return true;
        put_trailer(out);
        return false;
    };
}

} // namespace smsbcast::adapters::postgres
