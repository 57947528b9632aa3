#include "sqlite_fixture.hpp"

#include "adapters/sqlite/broadcast_statements.hpp"
#include "adapters/sqlite/creation_statements.hpp"
#include "adapters/sqlite/hold_statements.hpp"
#include "adapters/sqlite/key_statements.hpp"
#include "adapters/sqlite/query.hpp"
#include "adapters/sqlite/receipt_statements.hpp"
#include "adapters/sqlite/record_statements.hpp"
#include "adapters/sqlite/sweep_statements.hpp"
#include "adapters/sqlite/ticket_statements.hpp"

#include <regex>

// How SQLite goes about the statements: by a key or an index, never through a whole table, and without sorting.

namespace smsbcast::test {

namespace sqlite = adapters::sqlite;
namespace sql = adapters::sqlite::sql;

namespace {

const sqlite::Statement* const kAll[] = {
    &sql::kIsCreated,
    &sql::kIsCreating,
    &sql::kInsertMessage,
    &sql::kInsertTicket,
    &sql::kInsertBroadcast,
    &sql::kInsertCounts,
    &sql::kBeginCreating,
    &sql::kGoOnCreating,
    &sql::kEndCreating,
    &sql::kFindCreating,
    &sql::kClearMessages,
    &sql::kClearTickets,
    &sql::kGetBroadcast,
    &sql::kListBroadcasts,
    &sql::kTicketCounts,
    &sql::kBroadcastStatus,
    &sql::kSetBroadcastStatus,
    &sql::kBroadcastRange,
    &sql::kListMessages,
    &sql::kListMessagesByStatus,
    &sql::kGetMessage,
    &sql::kListAttempts,
    &sql::kFindTicket,
    &sql::kBroadcastText,
    &sql::kTakeTicket,
    &sql::kSendTicketBack,
    &sql::kRangeMessages,
    &sql::kListedMessage,
    &sql::kMarkInFlight,
    &sql::kRenewTicket,
    &sql::kTicketRuns,
    &sql::kHalted,
    &sql::kGiveBackTicket,
    &sql::kMarkQueued,
    &sql::kReleaseTicket,
    &sql::kQueuedLoad,
    &sql::kBroadcastsDue,
    &sql::kFirstDue,
    &sql::kClaimTicket,
    &sql::kFlagMessage,
    &sql::kMessageState,
    &sql::kStepMessage,
    &sql::kCompleteMessage,
    &sql::kNoteAttempt,
    &sql::kNoteReference,
    &sql::kInsertRetry,
    &sql::kReferredMessage,
    &sql::kReceiver,
    &sql::kReceiverTicket,
    &sql::kReceive,
    &sql::kKeepReceipt,
    &sql::kClearReceipt,
    &sql::kPostponeReceipt,
    &sql::kInboxDue,
    &sql::kPurgeInbox,
    &sql::kNotBegunAndExpired,
    &sql::kExpireLease,
    &sql::kBegunAndExpired,
    &sql::kLoseMessage,
    &sql::kNoteLost,
    &sql::kLostInQueue,
    &sql::kRequeue,
    &sql::kEmptyCanceling,
    &sql::kUnresolvedMessage,
    &sql::kTotal,
    &sql::kCancelable,
    &sql::kExpirable,
    &sql::kEndMessage,
    &sql::kEndUncertainMessage,
    &sql::kFinishCanceled,
    &sql::kUnresolved,
    &sql::kFailMessage,
    &sql::kEndAsSent,
    &sql::kIsFlagged,
    &sql::kCompleted,
    &sql::kFailedByReceipt,
    &sql::kComplete,
    &sql::kStepUnknown,
    &sql::kReceiveUnknown,
    &sql::kHeld,
    &sql::kHold,
    &sql::kUnhold,
    &sql::kIdentity,
    &sql::kInstallation,
    &sql::kCountHandedOver,
    &sql::kWorkLeft,
    &sql::kHeldTickets,
    &sql::kAssumeSent,
    &sql::kCountKeys,
    &sql::kKeyIsTaken,
    &sql::kForgetKeys,
    &sql::kInsertKey,
    &sql::kGetKey,
    &sql::kListKeys,
    &sql::kLiveKeys,
    &sql::kRevokeKey,
    &sql::kExpireKey,
    &sql::kNoteKeyUse,
};

std::vector<std::string> plan(sqlite::Connection& db, const sqlite::Statement& statement) {
    const auto text = std::string("EXPLAIN QUERY PLAN ") + statement.text;
    const sqlite::Statement explained{statement.name, text.c_str()};
    sqlite::Connection own(sqlite3_db_filename(db.handle(), "main"), sqlite::Connection::Access::read_only);
    sqlite::Query row(own, explained);
    std::vector<std::string> lines;
    while (row.next())
        lines.emplace_back(row.text(3));
    return lines;
}

} // namespace

TEST_CASE("the broadcasts of a tenant are one range of an index", "[sqlite]") {
    SqliteFixture fixture;
    sqlite::Connection db(fixture.folder().file(), sqlite::Connection::Access::read_only);
    const std::regex range("SEARCH b USING INDEX broadcasts_tenant \\(tenant=\\? AND id<\\?\\)");
    const auto lines = plan(db, sql::kListBroadcasts);
    REQUIRE_FALSE(lines.empty());
    INFO(lines.front());
    CHECK(std::regex_search(lines.front(), range));
}

TEST_CASE("every statement of the embedded store finds its rows by an index", "[sqlite]") {
    SqliteFixture fixture;
    sqlite::Connection db(fixture.folder().file(), sqlite::Connection::Access::read_only);
    // What these hold is bounded, or all of it is wanted.
    const std::regex may_scan(
        "SCAN (CONSTANT ROW|\\(subquery-[0-9]+\\)|[a-z]+ USING (COVERING )?INDEX outbox_(queued|taken)|api_keys)");
    for (const auto* statement : kAll)
        for (const auto& line : plan(db, *statement)) {
            INFO(statement->name << ": " << line);
            CHECK(line.find("TEMP B-TREE") == std::string::npos);
            CHECK((line.find("SCAN") == std::string::npos || std::regex_search(line, may_scan)));
        }
}

} // namespace smsbcast::test
