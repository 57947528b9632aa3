#include "pg_fixture.hpp"

#include <fmt/format.h>

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

PgFixture::~PgFixture() = default;

void PgFixture::connect() {
    database_ = pg::make_database(io_, params_);
    broadcasts_ = pg::make_broadcast_store(database_);
    outbox_ = pg::make_outbox(database_);
    tickets_ = pg::make_ticket_store(database_);
    receipts_ = pg::make_receipt_store(database_);
    housekeeping_ = pg::make_housekeeping(database_);
    installation_ = pg::make_installation(database_);
}

void PgFixture::reconnect() {
    connect();
}

void PgFixture::expire(BroadcastId broadcast) {
    admin_->query(fmt::format("UPDATE broadcasts SET expires_at = now() - interval '1 millisecond' WHERE id = '{}'",
                              to_string(broadcast)));
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

void PgFixture::finish_as(MessageId message, MessageStatus status) {
    admin_->query(
        fmt::format("WITH m AS (UPDATE messages SET status = '{1}' WHERE id = '{0}' AND status = 'pending'"
                    "           RETURNING broadcast_id, ticket_id),"
                    " d AS (UPDATE outbox o SET done = done + 1 FROM m WHERE o.id = m.ticket_id AND done + 1 < size),"
                    " g AS (DELETE FROM outbox o USING m WHERE o.id = m.ticket_id AND done + 1 = size)"
                    " INSERT INTO broadcast_counts AS c (broadcast_id, writer, {1}) SELECT broadcast_id, 0, 1 FROM m"
                    " ON CONFLICT (broadcast_id, writer) DO UPDATE SET {1} = c.{1} + 1",
                    to_string(message), to_string(status)));
}

} // namespace smsbcast::test
