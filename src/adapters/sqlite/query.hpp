#pragma once

#include "connection.hpp"

#include <cstring>

namespace smsbcast::adapters::sqlite {

/// One run of a statement that gives rows. Columns are named by position; a text or blob is valid
/// until next(). A statement has one run at a time per connection. Values are copied
/// (SQLITE_TRANSIENT), since the run outlives the constructor's arguments.
class Query {
public:
    template <class... Values>
    Query(Connection& connection, const Statement& statement, const Values&... values)
        : binding_(connection, statement, SQLITE_TRANSIENT) {
        binding_.bind_all(values...);
    }

    /// Moves to the first row, then to the one after; false when there is none.
    bool next() { return binding_.step(); }

    bool is_null(int column) const { return sqlite3_column_type(binding_.get(), column) == SQLITE_NULL; }
    std::int64_t integer(int column) const { return sqlite3_column_int64(binding_.get(), column); }
    int small(int column) const { return sqlite3_column_int(binding_.get(), column); }
    bool flag(int column) const { return integer(column) != 0; }

    std::string_view text(int column) const {
        // sqlite3_column_text would convert and append a NUL; a text column's bytes are read as
        // they are. SQLite gives a null pointer for an empty value.
        const void* const data = sqlite3_column_blob(binding_.get(), column);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(binding_.get(), column));
        return data ? std::string_view(static_cast<const char*>(data), size) : std::string_view();
    }

    Uuid uuid(int column) const {
        const auto bytes = text(column);
        Uuid id;
        // A value of another length can only stem from a file that was edited by hand. It reads as
        // the nil id, which names nothing.
        if (bytes.size() == id.bytes.size())
            std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
        return id;
    }

    Timestamp time(int column) const { return Timestamp(std::chrono::milliseconds(integer(column))); }

    std::optional<std::int64_t> maybe_integer(int column) const {
        return is_null(column) ? std::nullopt : std::optional(integer(column));
    }
    std::optional<Uuid> maybe_uuid(int column) const {
        return is_null(column) ? std::nullopt : std::optional(uuid(column));
    }
    std::optional<std::string> maybe_text(int column) const {
        return is_null(column) ? std::nullopt : std::optional(std::string(text(column)));
    }
    std::optional<Timestamp> maybe_time(int column) const {
        return is_null(column) ? std::nullopt : std::optional(time(column));
    }

private:
    detail::Binding binding_;
};

} // namespace smsbcast::adapters::sqlite
