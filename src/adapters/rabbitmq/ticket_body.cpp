#include "ticket_body.hpp"

#include "json_scanner.hpp"

#include <fmt/format.h>

#include <limits>

namespace smsbcast::adapters::rabbitmq {

namespace {

// A version changes when an older reader would misunderstand the body. Such a reader parks it, and
// nothing is lost: the store publishes the ticket again.
constexpr std::int64_t kVersion = 1;

struct Members {
    std::optional<std::int64_t> version;
    std::optional<std::string_view> ticket;
    std::optional<std::int64_t> attempt;
    std::optional<std::string_view> installation;
};

/// False when the value is not what the member must be, or the member was given before: two values
/// for one name leave open which one was meant.
bool read_member(JsonScanner& scanner, std::string_view name, Members& members) {
    const auto set = [](auto& member, auto value) {
        const bool good = value.has_value() && !member.has_value();
        member = value;
        return good;
    };
    if (name == "v")
        return set(members.version, scanner.integer());
    if (name == "attempt")
        return set(members.attempt, scanner.integer());
    if (name == "ticket")
        return set(members.ticket, scanner.string());
    if (name == "installation")
        return set(members.installation, scanner.string());
    return scanner.skip_value();
}

std::optional<Members> read_members(std::string_view body) {
    JsonScanner scanner(body);
    Members members;
    if (!scanner.take('{'))
        return std::nullopt;
    do {
        const auto name = scanner.string();
        if (!name || !scanner.take(':') || !read_member(scanner, *name, members))
            return std::nullopt;
    } while (scanner.take(','));
    if (!scanner.take('}') || !scanner.at_end())
        return std::nullopt;
    return members;
}

} // namespace

// The body names the ticket and its fence and no content: phone numbers and texts never lie in the
// broker, and an edited or canceled broadcast cannot be sent from an old copy.
std::string write_ticket_body(const TicketRef& ticket, const Uuid& installation) {
    return fmt::format(R"({{"v":{},"ticket":"{}","attempt":{},"installation":"{}"}})", kVersion, to_string(ticket.id),
                       ticket.fence, to_string(installation));
}

std::optional<TicketBody> read_ticket_body(std::string_view body) {
    // ContentReader keeps one byte more than the limit, so a longer body is recognised here without
    // having been stored.
    if (body.size() > kMaxTicketBody)
        return std::nullopt;
    const auto members = read_members(body);
    if (!members || members->version != kVersion || !members->ticket || !members->attempt)
        return std::nullopt;
    const auto id = parse_uuid(*members->ticket);
    // A worker would ask the store for such a ticket in vain; parked, it is seen by a person.
    if (!id || id->is_nil() || *members->attempt < 0 || *members->attempt > std::numeric_limits<int>::max())
        return std::nullopt;
    TicketBody read{{TicketId{*id}, static_cast<int>(*members->attempt)}, std::nullopt};
    if (!members->installation)
        return read;
    read.installation = parse_uuid(*members->installation);
    // An installation that cannot be read is not the same as none: the ticket may be somebody
    // else's.
    return read.installation && !read.installation->is_nil() ? std::optional(read) : std::nullopt;
}

} // namespace smsbcast::adapters::rabbitmq
