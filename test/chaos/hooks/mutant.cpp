#include "smsbcast/base/chaos.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

namespace smsbcast::chaos {

namespace {

/// Defects of SQL. One that has no statement here is a defect of the code, at its mutant().
struct StatementMutant {
    std::string_view mutant;
    std::string_view store;
    std::string_view statement;
    std::string_view right;
    std::string_view wrong;
};

constexpr std::string_view kPostgres = "postgres", kSqlite = "sqlite";

constexpr std::array kStatementMutants{
    // A worker holds whatever ticket it names, and what it writes counts, whoever has the ticket by now.
    StatementMutant{"no_fencing", kPostgres, "take_tickets", "((o.attempt = a.attempt AND o.lease_owner IS NULL)",
                    "((o.attempt >= a.attempt)"},
    StatementMutant{"no_fencing", kPostgres, "mark_in_flight", "o.attempt = t.attempt AND ", ""},
    StatementMutant{"no_fencing", kPostgres, "renew_tickets", "o.attempt = t.attempt AND ", ""},
    StatementMutant{"no_fencing", kPostgres, "record_results", "o.attempt = r.ticket_attempt AND ", ""},
    StatementMutant{"take_of_any_state", kPostgres, "take_tickets", "r.status = 'running' AND ", ""},
    StatementMutant{"inbox_never_matched", kPostgres, "inbox_due", "WHERE next_try_at <= now()", "WHERE false"},
    StatementMutant{"sent_over_delivered", kPostgres, "record_results",
                    "status = CASE WHEN w.completes OR w.step = 'retry' THEN m.status",
                    "status = CASE WHEN w.step = 'retry' THEN m.status"},
    StatementMutant{"counts_unguarded", kPostgres, "record_results",
                    "FROM was WHERE (leaves AND step <> 'retry') OR resolves", "FROM was WHERE step <> 'retry'"},
    // What a result adds to the counts is added in a transaction of its own, a moment later.
    StatementMutant{"counts_in_two_transactions", kPostgres, "record_results",
                    "FROM was WHERE (leaves AND step <> 'retry') OR resolves", "FROM was WHERE false"},
    StatementMutant{"counts_in_two_transactions", kPostgres, "lock_counts",
                    "(broadcast_id, writer)\nSELECT DISTINCT broadcast_id, $2::int FROM messages WHERE id = ANY "
                    "($1::uuid[]) ORDER BY broadcast_id",
                    "(broadcast_id, writer, sent, unknown, failed)\nSELECT broadcast_id, $2::int, count(*) FILTER "
                    "(WHERE status = 'sent'), count(*) FILTER (WHERE status = 'unknown'), count(*) FILTER "
                    "(WHERE status = 'failed') FROM messages, pg_sleep(0.02) WHERE id = ANY ($1::uuid[]) "
                    "GROUP BY broadcast_id"},
    StatementMutant{"counts_in_two_transactions", kPostgres, "lock_counts", "SET sent = c.sent",
                    "SET sent = c.sent + excluded.sent, unknown = c.unknown + excluded.unknown, "
                    "failed = c.failed + excluded.failed"},
    StatementMutant{"unflagged_resend", kPostgres, "flag_taken", "SET possible_duplicate = true",
                    "SET possible_duplicate = possible_duplicate"},
    StatementMutant{"no_lost_attempt", kPostgres, "expire_leases", "WHERE t.cut_short AND", "WHERE false AND"},
    StatementMutant{"leases_never_expire", kPostgres, "lapsed_leases", "WHERE lease_until < now()",
                    "WHERE lease_until < '-infinity'"},
    StatementMutant{"lost_never_requeued", kPostgres, "lost_in_queue", "WHERE queued_at < now()",
                    "WHERE queued_at < '-infinity'"},
    StatementMutant{"unknown_never_failed", kPostgres, "unresolved", "WHERE resolve_by <= now()",
                    "WHERE resolve_by <= '-infinity'"},
    StatementMutant{"completed_too_early", kPostgres, "completable",
                    "AND NOT EXISTS (SELECT FROM outbox o WHERE o.broadcast_id = b.id OFFSET 0)", ""},
    StatementMutant{"canceled_though_sent", kPostgres, "end_tickets", "m.maybe_sent OR t.interrupted AS maybe_sent",
                    "false AS maybe_sent"},
    StatementMutant{"inbox_never_matched", kSqlite, "inbox_due", "WHERE next_try_at <= ?1", "WHERE ?1 < 0"},
    StatementMutant{"sent_over_delivered", kSqlite, "complete_message", "SET attempts = ?2",
                    "SET status = 3, attempts = ?2"},
    StatementMutant{"unflagged_resend", kSqlite, "flag_message", "SET possible_duplicate = 1",
                    "SET possible_duplicate = possible_duplicate"},
    StatementMutant{"leases_never_expire", kSqlite, "not_begun_and_expired", "WHERE lease_until < ?1",
                    "WHERE lease_until < -?1"},
    StatementMutant{"unknown_never_failed", kSqlite, "unresolved", "WHERE resolve_by <= ?1", "WHERE resolve_by <= -?1"},
    StatementMutant{"completed_too_early", kSqlite, "completed",
                    "AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.broadcast_id = b.id) ", ""},
};

std::string_view asked() {
    static const char* const given = std::getenv("SMSBCAST_MUTANT");
    return given ? given : "";
}

void replace(std::string& text, const StatementMutant& change) {
    const auto place = text.find(change.right);
    if (place == std::string::npos) {
        std::fprintf(stderr, "the mutant %s no longer fits the statement %s\n", change.mutant.data(),
                     change.statement.data());
        std::_Exit(2);
    }
    text.replace(place, change.right.size(), change.wrong);
}

} // namespace

bool mutant(std::string_view name) {
    return asked() == name;
}

const char* statement_text(std::string_view store, std::string_view name, const char* text) {
    static std::mutex mutex;
    static std::deque<std::string> kept;
    std::string changed = text;
    for (const auto& change : kStatementMutants)
        if (mutant(change.mutant) && change.store == store && change.statement == name)
            replace(changed, change);
    if (changed == text)
        return text;
    const std::lock_guard lock(mutex);
    return kept.emplace_back(std::move(changed)).c_str();
}

} // namespace smsbcast::chaos
