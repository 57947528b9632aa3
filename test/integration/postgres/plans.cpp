#include "pg_fixture.hpp"

#include "adapters/postgres/broadcast_statements.hpp"
#include "adapters/postgres/housekeeping_statements.hpp"
#include "adapters/postgres/installation_statements.hpp"
#include "adapters/postgres/key_statements.hpp"
#include "adapters/postgres/lease_statements.hpp"
#include "adapters/postgres/lock_statements.hpp"
#include "adapters/postgres/outbox_statements.hpp"
#include "adapters/postgres/receipt_statements.hpp"
#include "adapters/postgres/result_statements.hpp"
#include "adapters/postgres/ticket_statements.hpp"

#include <regex>

// How the server goes about the statements: by the indexes that sql/README.md names.

namespace smsbcast::test {

namespace sql = adapters::postgres::sql;
using adapters::postgres::Statement;

namespace {

const Statement* const kStatements[] = {
    &sql::kInsertBroadcast,
    &sql::kBroadcastExists,
    &sql::kGetBroadcast,
    &sql::kListBroadcasts,
    &sql::kCommandBroadcast,
    &sql::kBroadcastStatus,
    &sql::kListMessages,
    &sql::kListMessagesByStatus,
    &sql::kGetMessage,
    &sql::kListAttempts,
    &sql::kReadCommit,
    &sql::kOutboxLoad,
    &sql::kClaimTickets,
    &sql::kMarkQueued,
    &sql::kReleaseTickets,
    &sql::kTakeTickets,
    &sql::kReadTaken,
    &sql::kFlagTaken,
    &sql::kMarkInFlight,
    &sql::kRenewTickets,
    &sql::kNotRunning,
    &sql::kGiveBackTickets,
    &sql::kLockMessages,
    &sql::kLockTickets,
    &sql::kLockTicketMessages,
    &sql::kRecordResults,
    &sql::kResolveRefs,
    &sql::kLockReceiptTickets,
    &sql::kApplyReceipts,
    &sql::kInboxDue,
    &sql::kPurgeInbox,
    &sql::kExpireLeases,
    &sql::kBegunAndExpired,
    &sql::kExpireBegun,
    &sql::kRequeueLost,
    &sql::kCancelable,
    &sql::kExpirable,
    &sql::kEndTickets,
    &sql::kFinishCanceled,
    &sql::kEndUnresolved,
    &sql::kComplete,
    &sql::kLockCounts,
    &sql::kResentAndExpired,
    &sql::kExpireResent,
    &sql::kLapsedLeases,
    &sql::kLostInQueue,
    &sql::kUnresolved,
    &sql::kEmptyCanceling,
    &sql::kCompletable,
    &sql::kTicketMessages,
    &sql::kKeepReceipts,
    &sql::kPostponeReceipt,
    &sql::kIdentity,
    &sql::kHeld,
    &sql::kHold,
    &sql::kNoteHome,
    &sql::kHeldTickets,
    &sql::kAssumeSent,
    &sql::kReceiptSigns,
    &sql::kFailedByReceipt,
    &sql::kLockKeys,
    &sql::kForgetKeys,
    &sql::kInsertKey,
    &sql::kRotateKey,
    &sql::kLiveKeys,
    &sql::kListKeys,
    &sql::kGetKey,
    &sql::kRevokeKey,
    &sql::kNoteKeyUses,
};

std::string parameters(const Statement& statement) {
    int most = 0;
    const std::string text(statement.text);
    const std::regex number("\\$([0-9]+)");
    for (std::sregex_iterator at(text.begin(), text.end(), number), end; at != end; ++at)
        most = std::max(most, std::stoi((*at)[1]));
    std::string list;
    for (int i = 0; i < most; ++i)
        list += i ? ", NULL" : "NULL";
    return most ? "(" + list + ")" : "";
}

void prepare(PgAdmin& admin) {
    admin.query("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; "
                "SET enable_bitmapscan = off"); // as the pool does
    for (const auto* statement : kStatements)
        admin.query(std::string("PREPARE ") + statement->name + " AS " + statement->text);
}

std::string plan_of(PgAdmin& admin, const Statement& statement) {
    std::string plan;
    for (const auto& row : admin.query(std::string("EXPLAIN EXECUTE ") + statement.name + parameters(statement)))
        plan += row.at(0) + "\n";
    return plan;
}

void expect_no_scan(PgAdmin& admin, const std::string& table) {
    for (const auto* statement : kStatements) {
        const auto plan = plan_of(admin, *statement);
        INFO(statement->name << "\n" << plan);
        CHECK(plan.find("Seq Scan on " + table) == std::string::npos);
        // A whole index read from end to end is no better.
        const std::regex whole("Index (Only )?Scan using " + table + "_pkey on " + table +
                               "[^\n]*\n +->|Index (Only )?Scan "
                               "using " +
                               table + "_pkey on " + table + "[^\n]*\n(?! +Index Cond)");
        CHECK_FALSE(std::regex_search(plan, whole));
    }
}

// The broadcasts of one tenant are a range of an index, however many all others have.
void expect_range_of_tenant(PgAdmin& admin) {
    const auto plan = plan_of(admin, sql::kListBroadcasts);
    INFO(plan);
    CHECK(plan.find("Index Scan Backward using broadcasts_tenant on broadcasts") != std::string::npos);
    CHECK(plan.find("Sort") == std::string::npos);
}

// A page ends after its last message, instead of being the first of all that were sorted.
void expect_in_order(PgAdmin& admin) {
    for (const auto* statement : {&sql::kListMessages, &sql::kListMessagesByStatus}) {
        const auto plan = plan_of(admin, *statement);
        INFO(statement->name << "\n" << plan);
        CHECK(plan.find("Sort") == std::string::npos);
    }
}

} // namespace

TEST_CASE("no statement reads all of a large table", "[postgres][plans]") {
    PgFixture fixture;
    StoreDriver driver(fixture);
    PgAdmin early(fixture.schema()), late(fixture.schema());
    prepare(early);
    // Plans are made when a statement is used first, which is when the tables are empty.
    for (const auto* statement : kStatements)
        plan_of(early, *statement);
    driver.create(150'000, 10);
    for (int i = 0; i < 50; ++i)
        driver.create(1000, 100);

    SECTION("by plans from before it grew") {
        expect_no_scan(early, "messages");
        expect_no_scan(early, "outbox");
        expect_in_order(early);
        expect_range_of_tenant(early);
    }
    SECTION("by plans without statistics") {
        prepare(late);
        expect_no_scan(late, "messages");
        expect_no_scan(late, "outbox");
        expect_in_order(late);
        expect_range_of_tenant(late);
    }
    SECTION("by plans with statistics") {
        late.query("ANALYZE");
        prepare(late);
        expect_no_scan(late, "messages");
        expect_no_scan(late, "outbox");
        expect_no_scan(early, "messages");
        // All of them are of one tenant, as in an installation without keys.
        expect_range_of_tenant(late);
        expect_range_of_tenant(early);
    }
}

TEST_CASE("updates of messages are heap-only", "[postgres][plans]") {
    PgFixture fixture;
    StoreDriver driver(fixture);
    driver.create(20'000);
    const auto taken = driver.take(driver.queue());
    std::vector<MessageResult> results;
    std::vector<Receipt> receipts;
    const auto flush = [&](std::size_t least) {
        if (results.size() < least)
            return;
        driver.record(std::exchange(results, {}));
        driver.receive(std::exchange(receipts, {}));
    };
    for (const auto& ticket : taken) {
        for (std::size_t i = 0; i < ticket.messages.size(); ++i) {
            results.push_back(accepted(ticket, i));
            receipts.push_back(receipt_of(ticket.messages[i].id));
        }
        flush(500);
    }
    flush(1);
    fixture.reconnect(); // a connection that ends tells what it has counted
    driver.until([&] {
        return fixture.admin().number("SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'messages' AND "
                                      "schemaname = current_schema()") >= 40'000;
    });
    const auto row = fixture.admin().query("SELECT n_tup_hot_upd, n_tup_upd FROM pg_stat_user_tables "
                                           "WHERE relname = 'messages' AND schemaname = current_schema()");
    const auto hot = std::stod(row.at(0).at(0)), all = std::stod(row.at(0).at(1));
    INFO(hot << " of " << all);
    CHECK(all == 40'000);
    CHECK(hot / all >= 0.9);
}

} // namespace smsbcast::test
