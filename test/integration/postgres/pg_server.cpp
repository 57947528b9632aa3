#include "pg_server.hpp"

#include "smsbcast/base/uuid.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <stdexcept>

namespace smsbcast::test {

namespace {

std::map<std::string, std::string> parts_of_url() {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(database_url().c_str(), nullptr), &PQconninfoFree);
    if (!options)
        throw std::runtime_error("DATABASE_URL is not understood");
    std::map<std::string, std::string> parts;
    for (const auto* option = options.get(); option->keyword; ++option)
        if (option->val)
            parts[option->keyword] = option->val;
    return parts;
}

std::string joined(const std::map<std::string, std::string>& parts) {
    std::string url;
    for (const auto& [key, value] : parts)
        url += key + "='" + value + "' ";
    return url;
}

std::string new_name() {
    auto name = "t_" + to_string(new_uuid());
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

} // namespace

std::string database_url() {
    const char* const url = std::getenv("DATABASE_URL");
    if (!url || !*url)
        throw std::runtime_error("DATABASE_URL is not set; scripts/servers start DIR prints one");
    return url;
}

std::uint16_t database_port() {
    const auto parts = parts_of_url();
    return static_cast<std::uint16_t>(parts.contains("port") ? std::stoi(parts.at("port")) : 5432);
}

std::string database_url_through(std::uint16_t port) {
    auto parts = parts_of_url();
    parts["host"] = "127.0.0.1";
    parts["port"] = std::to_string(port);
    parts["sslmode"] = "disable";
    parts["gssencmode"] = "disable";
    return joined(parts);
}

std::string database_url_of(const std::string& database) {
    auto parts = parts_of_url();
    parts["dbname"] = database;
    return joined(parts);
}

PgAdmin::PgAdmin(const std::string& schema, const std::string& url) : connection_(PQconnectdb(url.c_str())) {
    if (PQstatus(connection_.get()) != CONNECTION_OK)
        throw std::runtime_error(PQerrorMessage(connection_.get()));
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    if (!schema.empty())
        query("SET search_path = " + schema);
}

std::vector<PgAdmin::Row> PgAdmin::query(const std::string& sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), sql.c_str()), &PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        throw std::runtime_error(sql + ": " + PQerrorMessage(connection_.get()));
    std::vector<Row> rows;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
        Row& columns = rows.emplace_back();
        for (int column = 0; column < PQnfields(result.get()); ++column)
            columns.emplace_back(PQgetvalue(result.get(), row, column));
    }
    return rows;
}

std::string PgAdmin::value(const std::string& sql) {
    const auto rows = query(sql);
    return rows.at(0).at(0);
}

void PgAdmin::start(const std::string& sql) {
    if (PQsendQuery(connection_.get(), sql.c_str()) == 0)
        throw std::runtime_error(PQerrorMessage(connection_.get()));
}

void PgAdmin::finish() {
    while (PGresult* const result = PQgetResult(connection_.get()))
        PQclear(result);
}

PgDatabase::PgDatabase(const std::string& encoding) : name_(new_name()) {
    PgAdmin().query("CREATE DATABASE " + name_ + " ENCODING '" + encoding +
                    "' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
}

PgDatabase::~PgDatabase() {
    try {
        PgAdmin().query("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    } catch (const std::exception& failure) {
        std::cerr << "a database stays behind: " << failure.what() << '\n';
    }
}

PgSchema::PgSchema() : name_(new_name()) {
    PgAdmin().query("CREATE SCHEMA " + name_);
}

PgSchema::~PgSchema() {
    try {
        PgAdmin().query("DROP SCHEMA IF EXISTS " + name_ + ", " + name_ + "_report CASCADE");
    } catch (const std::exception& failure) {
        std::cerr << "a schema stays behind: " << failure.what() << '\n';
    }
}

} // namespace smsbcast::test
