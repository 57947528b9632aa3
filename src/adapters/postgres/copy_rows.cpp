#include "copy_rows.hpp"

#include "wire.hpp"

namespace smsbcast::adapters::postgres {

namespace {

// A piece is what libpq is handed at a time: so large that the overhead per call vanishes, so small
// that it stays in the processor's cache.
constexpr std::size_t kPiece = 128 * 1024;

// PostgreSQL 15, "COPY", Binary Format: signature, flags, length of the extension; a field count of
// -1 ends the data. Binary spares the escaping here and the parsing on the server.
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

void put_message(std::string& out, const Uuid& id, BroadcastId broadcast, TicketId ticket, PhoneNumber phone) {
    put(out, std::int16_t{4});
    put_uuid(out, id);
    put_uuid(out, broadcast.value);
    put_uuid(out, ticket.value);
    // A number is stored as its digits in a bigint: eight bytes instead of a text of up to
    // seventeen, and no collation when it is compared.
    put(out, std::int32_t{8});
    put(out, static_cast<std::int64_t>(phone.digits()));
}

void put_ticket(std::string& out, BroadcastId broadcast, const PlannedTicket& ticket) {
    put(out, std::int16_t{5});
    put_uuid(out, ticket.id.value);
    put_uuid(out, broadcast.value);
    put_uuid(out, ticket.first().value);
    put_uuid(out, ticket.last().value);
    put(out, std::int32_t{4});
    put(out, static_cast<std::int32_t>(ticket.size()));
}

} // namespace

// Connection::copy_in() calls both until they return false. They go on where they stopped, so what libpq is handed is
// larger than kPiece by one ticket at most.
std::function<bool(std::string&)> message_rows(BroadcastId broadcast, const std::vector<PhoneNumber>& recipients,
                                               const std::vector<PlannedTicket>& tickets) {
    return [broadcast, &recipients, &tickets, at = std::size_t{0}](std::string& out) mutable {
        if (at == 0)
            put_header(out);
        for (; at < tickets.size() && out.size() < kPiece; ++at) {
            const auto& ticket = tickets[at];
            for (std::size_t i = 0; i < ticket.size(); ++i)
                put_message(out, ticket.messages[i].value, broadcast, ticket.id, recipients[ticket.from + i]);
        }
        if (at < tickets.size())
            return true;
        put_trailer(out);
        return false;
    };
}

std::function<bool(std::string&)> ticket_rows(BroadcastId broadcast, const std::vector<PlannedTicket>& tickets) {
    return [broadcast, &tickets, at = std::size_t{0}](std::string& out) mutable {
        if (at == 0)
            put_header(out);
        for (; at < tickets.size() && out.size() < kPiece; ++at)
            put_ticket(out, broadcast, tickets[at]);
        if (at < tickets.size())
            return true;
        put_trailer(out);
        return false;
    };
}

} // namespace smsbcast::adapters::postgres
