#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace smsbcast::test {

/// The server that the tests use. Throws when DATABASE_URL is not set: a missing server is a failure.
std::string database_url();

/// Its port of 127.0.0.1.
std::uint16_t database_port();

/// The same server by way of something that stands in front of it on a port of 127.0.0.1, and reads along.
std::string database_url_through(std::uint16_t port);

/// Another database of the same server.
std::string database_url_of(const std::string& database);

/// A plain blocking connection, to prepare and to look at what the adapter under test works on.
class PgAdmin {
public:
    using Row = std::vector<std::string>;

    /// With a schema, that one alone is on the search path.
    explicit PgAdmin(const std::string& schema = "", const std::string& url = database_url());

    /// Several statements allowed; the rows of the last one as text, NULL as an empty one. Throws on an error.
    std::vector<Row> query(const std::string& sql);

    /// The first column of the only row.
    std::string value(const std::string& sql);
    long number(const std::string& sql) { return std::stol(value(sql)); }

    /// Sends without waiting for the end, which finish() does. Errors are not told.
    void start(const std::string& sql);
    void finish();

    int pid() const { return PQbackendPID(connection_.get()); }

private:
    struct Close {
        void operator()(PGconn* connection) const { PQfinish(connection); }
    };
    std::unique_ptr<PGconn, Close> connection_;
};

/// A database of its own, in one of the server's encodings, dropped in the end.
class PgDatabase {
public:
    explicit PgDatabase(const std::string& encoding = "UTF8");
    ~PgDatabase();
    PgDatabase(const PgDatabase&) = delete;
    PgDatabase& operator=(const PgDatabase&) = delete;

    const std::string& name() const { return name_; }
    std::string url() const { return database_url_of(name_); }

private:
    std::string name_;
};

/// A schema of its own, dropped in the end with the one for the views of that schema.
class PgSchema {
public:
    PgSchema();
    ~PgSchema();
    PgSchema(const PgSchema&) = delete;
    PgSchema& operator=(const PgSchema&) = delete;

    const std::string& name() const { return name_; }

private:
    std::string name_;
};

} // namespace smsbcast::test
