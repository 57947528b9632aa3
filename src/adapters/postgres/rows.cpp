#include "rows.hpp"

#include "wire.hpp"

#include <charconv>
#include <cstring>

namespace smsbcast::adapters::postgres {

namespace {

template <class Integer>
Integer from_network(const char* bytes) {
    std::make_unsigned_t<Integer> value = 0;
    for (std::size_t i = 0; i < sizeof(Integer); ++i)
        value = static_cast<std::make_unsigned_t<Integer>>(value << 8 | static_cast<unsigned char>(bytes[i]));
    return static_cast<Integer>(value);
}

} // namespace

std::int64_t Rows::affected() const {
    // PQcmdTuples gives the number of the command tag as text, and an empty text for commands that
    // have none.
    const std::string_view text = result_ ? PQcmdTuples(result_.get()) : "";
    std::int64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

Uuid Rows::uuid(int row, int column) const {
    Uuid id;
    // A uuid is 16 bytes in network order on the wire, which is how Uuid holds it.
    std::memcpy(id.bytes.data(), PQgetvalue(result_.get(), row, column), id.bytes.size());
    return id;
}

std::int32_t Rows::integer(int row, int column) const {
    return from_network<std::int32_t>(PQgetvalue(result_.get(), row, column));
}

std::int64_t Rows::bigint(int row, int column) const {
    return from_network<std::int64_t>(PQgetvalue(result_.get(), row, column));
}

bool Rows::boolean(int row, int column) const {
    return *PQgetvalue(result_.get(), row, column) != 0;
}

std::string_view Rows::text(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

Timestamp Rows::time(int row, int column) const {
    // The server sends timestamptz as microseconds since 2000-01-01 UTC, whatever the session's
    // time zone is.
    return kEpoch + std::chrono::microseconds(bigint(row, column));
}

std::span<const std::byte> Rows::bytes(int row, int column) const {
    return std::as_bytes(std::span(text(row, column)));
}

std::optional<Uuid> Rows::maybe_uuid(int row, int column) const {
    return is_null(row, column) ? std::nullopt : std::optional(uuid(row, column));
}

std::optional<std::string> Rows::maybe_text(int row, int column) const {
    return is_null(row, column) ? std::nullopt : std::optional(std::string(text(row, column)));
}

std::optional<Timestamp> Rows::maybe_time(int row, int column) const {
    return is_null(row, column) ? std::nullopt : std::optional(time(row, column));
}

} // namespace smsbcast::adapters::postgres
