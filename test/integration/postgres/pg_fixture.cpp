#include "pg_fixture.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace smsbcast::test {

namespace pg = adapters::postgres;

PostgresParams pg_params(const std::string& schema) {
    PostgresParams params;
    params.url = database_url();
    params.schema = schema;
    params.application_name = schema; // by which a test finds the pool's backends
    return params;
}

PgFixture::PgFixture(const std::function<void(PostgresParams&)>& adjust)
    : params_(pg_params(schema_.name())), admin_(std::make_unique<PgAdmin>(schema_.name())) {
    const auto database = pg::make_database(io_, params_);
    const auto migrated = run(pg::migrate(database, deadline()));
    REQUIRE(migrated.has_value());
    if (adjust)
        adjust(params_);
    connect();
}

PgFixture::~PgFixture() {
    stores_ = {};
}

void PgFixture::connect() {
    database_ = pg::make_database(io_, params_);
    stores_.broadcasts = pg::make_broadcast_store(database_);
    stores_.outbox = pg::make_outbox(database_);
    stores_.tickets = pg::make_ticket_store(database_);
    stores_.receipts = pg::make_receipt_store(database_);
    stores_.housekeeping = pg::make_housekeeping(database_);
    stores_.installation = pg::make_installation(database_);
    stores_.keys = pg::make_key_store(database_, kMostKeys);
}

void PgFixture::reconnect() {
    connect();
}

void PgFixture::expire(BroadcastId broadcast) {
    admin_->query(fmt::format("UPDATE broadcasts SET expires_at = now() - interval '1 millisecond' WHERE id = '{}'",
                              to_string(broadcast)));
}

void PgFixture::clear() {
    admin_->query("TRUNCATE broadcasts, messages, outbox, broadcast_counts, attempts, provider_refs, receipt_inbox, "
                  "api_keys");
    admin_->query("UPDATE installation SET held_since = NULL, held_because = NULL");
}

void PgFixture::pass(std::chrono::milliseconds time) {
    const auto earlier = [time](const char* column) {
        return fmt::format("{0} = {0} - {1} * interval '1 millisecond'", column, time.count());
    };
    const auto shift = [&](const char* table, const std::vector<const char*>& columns) {
        std::string list;
        for (const auto* column : columns)
            list += (list.empty() ? "" : ", ") + earlier(column);
        admin_->query(fmt::format("UPDATE {} SET {}", table, list));
    };
    shift("broadcasts", {"created_at", "expires_at"});
    shift("outbox", {"due_at", "queued_at", "lease_until"});
    shift("messages", {"resolve_by"});
    shift("receipt_inbox", {"received_at", "next_try_at"});
    shift("installation", {"held_since"});
    shift("api_keys", {"created_at", "expires_at", "revoked_at", "last_used_at"});
}

void PgFixture::put_scopes(const std::string& prefix, const std::string& scopes) {
    admin_->query(fmt::format("UPDATE api_keys SET scopes = '{}' WHERE prefix = '{}'", scopes, prefix));
}

StoreImage PgFixture::image() {
    static constexpr const char* kLines = R"(
SELECT format('message %s %s attempts=%s generation=%s maybe_sent=%s duplicate=%s queued=%s sent=%s delivered=%s '
              'resolves=%s provider=%s/%s error=%s/%s/%s ticket=%s history=%s',
              replace(m.id::text, '-', ''), m.status, m.attempts, m.generation, m.maybe_sent::int,
              m.possible_duplicate::int, (m.queued_at IS NOT NULL)::int, (m.sent_at IS NOT NULL)::int,
              (m.delivered_at IS NOT NULL)::int, (m.resolve_by IS NOT NULL)::int, coalesce(m.provider, '-'),
              coalesce(m.provider_id, '-'),
              coalesce(m.error_code, '-'), coalesce(m.error_class, '-'), coalesce(m.error_message, '-'),
              CASE WHEN m.status = 'pending' THEN
                  (SELECT replace(min(x.id::text), '-', '') FROM messages x
                    WHERE x.ticket_id = m.ticket_id AND x.status = 'pending') ELSE '-' END,
              (SELECT string_agg(a.number || ':' || a.error_class || ':' || a.error_code, ',' ORDER BY a.at)
                 FROM attempts a WHERE a.message_id = m.id)), NULL, NULL
  FROM messages m
UNION ALL
SELECT format('ticket %s first=%s attempt=%s left=%s due=%s queued=%s taken=%s begun=%s at_once=%s interrupted=%s '
              'requeues=%s', t.name, (o.message_ids IS NULL)::int, o.attempt, o.size - o.done,
              CASE WHEN o.due_at IS NULL THEN '-' WHEN o.due_at > now() THEN 'later' ELSE 'now' END,
              (o.queued_at IS NOT NULL)::int, (o.lease_until IS NOT NULL)::int, o.begun::int, o.at_once::int,
              o.interrupted::int, o.requeues), t.name, o.id::text
  FROM outbox o
  LEFT JOIN LATERAL (SELECT replace(min(x.id::text), '-', '') AS name FROM messages x
                      WHERE x.ticket_id = o.id AND x.status = 'pending') t ON true
UNION ALL
SELECT format('broadcast %s %s sent=%s unknown=%s delivered=%s failed=%s canceled=%s expired=%s',
              replace(b.id::text, '-', ''), b.status, coalesce(sum(c.sent), 0), coalesce(sum(c.unknown), 0),
              coalesce(sum(c.delivered), 0), coalesce(sum(c.failed), 0), coalesce(sum(c.canceled), 0),
              coalesce(sum(c.expired), 0)), NULL, NULL
  FROM broadcasts b LEFT JOIN broadcast_counts c ON c.broadcast_id = b.id GROUP BY b.id, b.status
UNION ALL
SELECT format('receipt tries=%s message=%s provider=%s/%s delivered=%s code=%s', tries,
              coalesce(replace(message_id::text, '-', ''), '-'), provider, provider_id, delivered::int,
              coalesce(error_code, '-')), NULL, NULL
  FROM receipt_inbox
UNION ALL
SELECT format('reference %s/%s %s', provider, provider_id, replace(message_id::text, '-', '')), NULL, NULL FROM provider_refs
UNION ALL
SELECT format('held=%s', (held_since IS NOT NULL)::int), NULL, NULL FROM installation)";
    StoreImage image;
    for (const auto& row : admin_->query(kLines)) {
        image.lines.push_back(row.at(0));
        if (!row.at(1).empty())
            image.tickets[row.at(1)] = TicketId{parse_uuid(row.at(2)).value()};
    }
    std::ranges::sort(image.lines);
    return image;
}

void PgFixture::refuse(MessageId message) {
    admin_->query(fmt::format(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;"
        "CREATE TRIGGER refuse BEFORE UPDATE ON messages FOR EACH ROW WHEN (OLD.id = '{}') EXECUTE FUNCTION refuse()",
        to_string(message)));
}

void PgFixture::accept_again() {
    admin_->query("DROP TRIGGER refuse ON messages");
}

void PgFixture::put(MessageId message, const MessageFacts& facts, bool flagged) {
    const bool has_error = !facts.error_class.empty();
    const auto text = [has_error](std::string_view value) { return has_error ? fmt::format("'{}'", value) : "NULL"; };
    const std::string id = to_string(message);
    admin_->query(fmt::format(
        "UPDATE messages SET status = '{1}', attempts = {2}, maybe_sent = {3}, possible_duplicate = {4},"
        " sent_at = {5}, resolve_by = {6}, error_code = {7}, error_class = {8}, error_message = {9} WHERE id = '{0}'",
        id, to_string(facts.status), facts.attempts, facts.maybe_sent, flagged, facts.has_sent_at ? "now()" : "NULL",
        facts.status == MessageStatus::unknown ? "now() + interval '1 hour'" : "NULL", text("a code"),
        text(facts.error_class), text("a sentence")));
    if (facts.status == MessageStatus::pending)
        return;
    admin_->query(
        fmt::format("WITH m AS (SELECT broadcast_id, ticket_id FROM messages WHERE id = '{0}'),"
                    " d AS (UPDATE outbox o SET done = done + 1 FROM m WHERE o.id = m.ticket_id AND done + 1 < size),"
                    " g AS (DELETE FROM outbox o USING m WHERE o.id = m.ticket_id AND done + 1 = size)"
                    " INSERT INTO broadcast_counts AS c (broadcast_id, writer, {1}) SELECT broadcast_id, 0, 1 FROM m"
                    " ON CONFLICT (broadcast_id, writer) DO UPDATE SET {1} = c.{1} + 1",
                    id, to_string(facts.status)));
}

} // namespace smsbcast::test
