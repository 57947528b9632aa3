#pragma once

#include "sql_failure.hpp"

#include "smsbcast/base/strong_id.hpp"

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace smsbcast::adapters::sqlite {

/// An SQL text and the name under which it is logged. It is prepared once per connection and known
/// by its address, so it must have static lifetime.
struct Statement {
    const char* name;
    const char* text;
};

/// Bytes that are bound as a BLOB.
struct Blob {
    std::string_view bytes;
};

namespace detail {

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};

} // namespace detail

/// One connection, used by one thread at a time. What fails throws SqlFailure.
class Connection {
public:
    enum class Access { read_only, read_write };

    Connection(const std::string& path, Access access);

    sqlite3* handle() const { return database_.get(); }

    /// Several statements without parameters or rows.
    void execute(const char* sql);

    /// One statement without rows; what it is given need only live until this returns. Gives the number of rows that
    /// it changed.
    template <class... Values>
    std::int64_t run(const Statement& statement, const Values&... values);

    /// A transaction is open.
    bool in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

    /// The statement, prepared when it is first asked for. One run of it at a time.
    sqlite3_stmt* prepared(const Statement& statement);

    /// Throws SqlFailure with SQLite's own words. `what` names the statement.
    [[noreturn]] void fail(int code, const char* what) const;

private:
    std::unique_ptr<sqlite3, detail::Close> database_;
    std::unordered_map<const Statement*, std::unique_ptr<sqlite3_stmt, detail::Finalize>> prepared_;
};

namespace detail {

/// Resets the statement when it dies, so that it can be run again and holds no snapshot.
class Binding {
public:
    Binding(Connection& connection, const Statement& statement, sqlite3_destructor_type lifetime)
        : connection_(connection), name_(statement.name), statement_(connection.prepared(statement)),
          lifetime_(lifetime) {}
    ~Binding() { sqlite3_reset(statement_); }
    Binding(const Binding&) = delete;
    Binding& operator=(const Binding&) = delete;

    template <class... Values>
    void bind_all(const Values&... values) {
        int place = 0;
        (check(bind(++place, values)), ...);
    }

    /// False when there is no further row.
    bool step() {
        const int code = sqlite3_step(statement_);
        if (code != SQLITE_ROW && code != SQLITE_DONE)
            connection_.fail(code, name_);
        return code == SQLITE_ROW;
    }

    sqlite3_stmt* get() const { return statement_; }

private:
    void check(int code) {
        if (code != SQLITE_OK)
            connection_.fail(code, name_);
    }
    int bind(int place, std::nullptr_t) { return sqlite3_bind_null(statement_, place); }
    int bind(int place, std::integral auto value) {
        return sqlite3_bind_int64(statement_, place, static_cast<sqlite3_int64>(value));
    }
    int bind(int place, std::string_view text) {
        // A null pointer would be bound as NULL.
        const char* const data = text.data() ? text.data() : "";
        return sqlite3_bind_text64(statement_, place, data, text.size(), lifetime_, SQLITE_UTF8);
    }
    int bind(int place, const Blob& blob) {
        return sqlite3_bind_blob64(statement_, place, blob.bytes.data(), blob.bytes.size(), lifetime_);
    }
    int bind(int place, const Uuid& id) {
        return sqlite3_bind_blob64(statement_, place, id.bytes.data(), id.bytes.size(), lifetime_);
    }
    template <class Tag>
    int bind(int place, const StrongId<Tag>& id) {
        return bind(place, id.value);
    }
    template <class T>
    int bind(int place, const std::optional<T>& value) {
        return value ? bind(place, *value) : bind(place, nullptr);
    }

    Connection& connection_;
    const char* name_;
    sqlite3_stmt* statement_;
    sqlite3_destructor_type lifetime_;
};

} // namespace detail

template <class... Values>
std::int64_t Connection::run(const Statement& statement, const Values&... values) {
    detail::Binding binding(*this, statement, SQLITE_STATIC);
    binding.bind_all(values...);
    while (binding.step()) {
    }
    return sqlite3_changes64(database_.get());
}

} // namespace smsbcast::adapters::sqlite
