#include "database_url.hpp"

#include "smsbcast/adapters/postgres/postgres.hpp"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

namespace smsbcast::adapters::postgres {

namespace {

using UrlParts = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

// Null means that libpq cannot read the URL. Its reason is dropped, since it repeats the part at
// which it stumbled, which may be the password.
UrlParts read_url(const std::string& url) {
    char* reason = nullptr;
    UrlParts parts(PQconninfoParse(url.c_str(), &reason), &PQconninfoFree);
    PQfreemem(reason);
    return parts;
}

std::string_view value_of(const UrlParts& parts, std::string_view keyword) {
    for (const auto* part = parts.get(); part->keyword != nullptr; ++part)
        if (part->keyword == keyword && part->val != nullptr)
            return part->val;
    return {};
}

// It takes the first element off a comma-separated list.
std::string_view cut(std::string_view& list) {
    const auto comma = list.find(',');
    const auto first = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    return first;
}

} // namespace

std::string check_url(const std::string& url) {
    return read_url(url) ? ""
                         : "the database URL is not one that libpq can read: a % in it is written %25, and no "
                           "parameter may be misspelt";
}

std::string shown_address(const std::string& url) {
    const auto parts = read_url(url);
    if (!parts)
        return {};
    auto hosts = value_of(parts, "host").empty() ? value_of(parts, "hostaddr") : value_of(parts, "host");
    auto ports = value_of(parts, "port");
    const bool one_port = ports.find(',') == std::string_view::npos; // which is that of all hosts
    std::string text;
    // libpq accepts several hosts, each with a port of its own or with one for all (PostgreSQL 15,
    // 34.1.1.3). A log line that named the first alone would send an operator to the wrong server.
    do {
        const auto host = cut(hosts);
        const auto port = one_port ? ports : cut(ports);
        text.append(text.empty() ? "" : ",").append(host.empty() ? "the local socket" : host);
        text.append(":").append(port.empty() ? "5432" : port);
    } while (!hosts.empty());
    const auto database = value_of(parts, "dbname");
    return database.empty() ? text : text.append("/").append(database);
}

} // namespace smsbcast::adapters::postgres
