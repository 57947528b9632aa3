#include "broadcast_statements.hpp"
#include "copy_rows.hpp"
#include "database.hpp"

#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

// The client's 201 waits for the NOTIFY, which only saves the relay a poll interval. A server that
// stalls here may cost the answer one second and not the whole deadline.
constexpr std::chrono::seconds kNotifyTimeout{1};
// statement_timeout is a 32-bit number of milliseconds on the server.
constexpr std::int64_t kMaxMs = std::numeric_limits<std::int32_t>::max();
// An interrupted commit usually ends within a few milliseconds. The pause keeps the read-back from
// spinning while the server finishes its write of the log.
constexpr std::chrono::milliseconds kReadBackPause{20};

Broadcast read_broadcast(const Rows& rows, int row) {
    Broadcast broadcast;
    broadcast.id = BroadcastId{rows.uuid(row, 0)};
    broadcast.name = rows.maybe_text(row, 1);
    broadcast.text = std::string(rows.text(row, 2));
    broadcast.status = parse_broadcast_status(rows.text(row, 3)).value();
    broadcast.total = rows.bigint(row, 4);
    broadcast.created_at = rows.time(row, 5);
    broadcast.expires_at = rows.maybe_time(row, 6);
    broadcast.completed_at = rows.maybe_time(row, 7);
    // The statement selects the counts in the order of kMessageStatuses; a status that is added to
    // one list must be added to the other.
    int column = 8;
    for (const auto status : kMessageStatuses)
        broadcast.counts[status] = rows.bigint(row, column++);
    return broadcast;
}

Message read_message(const Rows& rows, int row) {
    Message message;
    message.id = MessageId{rows.uuid(row, 0)};
    message.broadcast = BroadcastId{rows.uuid(row, 1)};
    message.phone = PhoneNumber::from_digits(static_cast<std::uint64_t>(rows.bigint(row, 2)));
    message.status = parse_message_status(rows.text(row, 3)).value();
    message.attempts = rows.integer(row, 4);
    // A column would cost eight bytes per message for what the id carries already.
    message.created_at = uuid_time(message.id.value);
    message.queued_at = rows.maybe_time(row, 5);
    message.sent_at = rows.maybe_time(row, 6);
    message.delivered_at = rows.maybe_time(row, 7);
    message.provider_id = rows.maybe_text(row, 8);
    if (auto code = rows.maybe_text(row, 9))
        message.error = MessageError{std::move(*code), rows.maybe_text(row, 10).value_or(""),
                                     rows.maybe_text(row, 11).value_or("")};
    message.possible_duplicate = rows.boolean(row, 12);
    return message;
}

// This is where a broadcast enters the database and where the API reads it back. `create` is called
// by the use case of POST /api/broadcasts, and the 201 is sent only after it returned a value:
// accepted means committed.
class PgBroadcastStore final : public BroadcastStore {
public:
    explicit PgBroadcastStore(std::shared_ptr<Database> database)
        : database_(std::move(database)), notify_("NOTIFY \"" + database_->channel() + "\"") {}

    Awaitable<Result<void>> create(NewBroadcast broadcast, Deadline deadline) override;
    Awaitable<Result<Broadcast>> get(BroadcastId id, Deadline deadline) override;
    Awaitable<Result<std::vector<Broadcast>>> list(std::optional<BroadcastId> before, int limit,
                                                   Deadline deadline) override;
    Awaitable<Result<std::vector<Message>>> messages(MessageQuery query, Deadline deadline) override;
    Awaitable<Result<MessageWithAttempts>> message(MessageId id, Deadline deadline) override;
    Awaitable<Result<BroadcastStatus>> command(BroadcastId id, BroadcastCommand command, Deadline deadline) override;
    Awaitable<Result<void>> ping(Deadline deadline) override { return database_->ping(deadline); }

private:
    Awaitable<Result<std::string>> write(Connection& connection, const NewBroadcast& broadcast, Deadline deadline);
    Awaitable<Result<std::string>> insert(Connection& connection, const NewBroadcast& broadcast,
                                          const std::vector<PlannedTicket>& tickets, Deadline deadline);
    Awaitable<Result<void>> read_back(BroadcastId id, std::string transaction, Deadline deadline);

    std::shared_ptr<Database> database_;
    std::string notify_;
};

// On success the result is the id of the server's transaction, which is open and holds all rows.
Awaitable<Result<std::string>> PgBroadcastStore::insert(Connection& connection, const NewBroadcast& broadcast,
                                                        const std::vector<PlannedTicket>& tickets, Deadline deadline) {
    // The session's statement_timeout is made for short statements and would end a COPY of millions
    // of rows; SET LOCAL replaces it until the transaction ends.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.left()).count();
    const auto sql = fmt::format("BEGIN; SET LOCAL statement_timeout = {}", std::clamp<std::int64_t>(left, 1, kMaxMs));
    const auto begun = co_await connection.execute("begin", sql.c_str(), deadline);
    if (!begun)
        co_return begun.error();
    Params params;
    params.uuid(broadcast.id.value)
        .maybe_text(broadcast.name)
        .text(broadcast.text)
        .bigint(static_cast<std::int64_t>(broadcast.recipients.size()))
        .uuid(tickets.front().first.value)
        .uuid(tickets.back().last.value)
        .maybe_time(broadcast.expires_at);
    const Transaction transaction = single(sql::kInsertBroadcast, std::move(params));
    const auto inserted = co_await connection.run(transaction, deadline);
    if (!inserted)
        co_return inserted.error();
    // COPY, because it takes about half the time of an INSERT from arrays and a quarter of one with
    // VALUES. Rows are encoded piece by piece while the server stores the pieces before, so memory
    // stays flat at any number of recipients.
    auto rows = message_rows(broadcast, tickets);
    auto copied = co_await connection.copy_in("copy_messages", kCopyMessages, std::move(rows), deadline);
    if (copied) {
        rows = ticket_rows(broadcast, tickets);
        copied = co_await connection.copy_in("copy_tickets", kCopyTickets, std::move(rows), deadline);
    }
    if (!copied)
        co_return copied.error();
    co_return std::string(inserted->front().text(0, 0));
}

// Everything but the commit happens here. A transaction that was not told to commit never stands:
// PostgreSQL aborts it when its connection ends. So whatever a failed step reports, the answer here
// is that nothing was done.
Awaitable<Result<std::string>> PgBroadcastStore::write(Connection& connection, const NewBroadcast& broadcast,
                                                       Deadline deadline) {
    const auto tickets = tickets_of(broadcast);
    auto transaction = co_await insert(connection, broadcast, tickets, deadline);
    if (!transaction && !connection.broken())
        co_await connection.execute("rollback", "ROLLBACK", deadline);
    // A step reports uncertain because it cannot know that it ran inside of an explicit
    // transaction. COMMIT was not sent, so nothing is open to doubt.
    if (!transaction && transaction.error() == Errc::uncertain)
        co_return Errc::unavailable;
    co_return transaction;
}

// The connection broke while the commit was under way. The server may still be carrying it out, so
// a missing row proves nothing yet; only when the transaction is known to have ended does the row
// decide.
Awaitable<Result<void>> PgBroadcastStore::read_back(BroadcastId id, std::string transaction_id, Deadline deadline) {
    while (!deadline.passed()) {
        Transaction look = single(sql::kReadCommit, Params().uuid(id.value).text(transaction_id));
        const auto found = co_await database_->run(std::move(look), deadline);
        // Another connection sees the row as soon as the transaction has committed. "aborted"
        // covers a rollback and a server that crashed before the commit reached its log.
        if (found && (found->front().boolean(0, 0) || found->front().text(0, 1) == "aborted")) {
            const bool committed = found->front().boolean(0, 0);
            log::info("commit_read_back", {{"broadcast_id", id}, {"committed", committed}});
            co_return committed ? Result<void>() : Result<void>(Errc::unavailable);
        }
        co_await runtime::sleep_until(database_->shard(), earlier(deadline, Deadline::after(kReadBackPause)));
    }
    // The client is told to ask again. A guess in either direction would lose a broadcast or double
    // it.
    log::warn("commit_uncertain", {{"broadcast_id", id}});
    co_return Errc::uncertain;
}

// The NOTIFY stands outside of the transaction: a commit that notifies takes a lock that is global
// to the server (async.c), behind which other commits would queue. A crash between COMMIT and
// NOTIFY costs one poll interval of the relay, which looks by itself as well.
Awaitable<Result<void>> PgBroadcastStore::create(NewBroadcast broadcast, Deadline deadline) {
    Result<std::string> transaction = Errc::unavailable;
    {
        // The block returns the connection to the pool before read_back() asks for another one;
        // with a pool of one it would otherwise wait for itself.
        auto loan = co_await database_->acquire(deadline);
        if (!loan)
            co_return loan.error();
        Connection& connection = **loan;
        transaction = co_await write(connection, broadcast, deadline);
        if (!transaction)
            co_return transaction.error();
        chaos::failpoint("api.before_commit");
        const auto committed = co_await connection.execute("commit", "COMMIT", deadline);
        if (committed) {
            co_await connection.execute("notify", notify_.c_str(), earlier(deadline, Deadline::after(kNotifyTimeout)));
            co_return Result<void>();
        }
        // The server answered and refused the commit, so its outcome is known and nothing was kept.
        if (!connection.broken())
            co_return committed;
    }
    co_return co_await read_back(broadcast.id, std::move(*transaction), deadline);
}

Awaitable<Result<Broadcast>> PgBroadcastStore::get(BroadcastId id, Deadline deadline) {
    Transaction transaction = single(sql::kGetBroadcast, Params().uuid(id.value));
    const auto rows = co_await database_->read(std::move(transaction), deadline);
    if (!rows)
        co_return rows.error();
    if (rows->front().empty())
        co_return Errc::not_found;
    co_return read_broadcast(rows->front(), 0);
}

Awaitable<Result<std::vector<Broadcast>>> PgBroadcastStore::list(std::optional<BroadcastId> before, int limit,
                                                                 Deadline deadline) {
    const auto start = before ? std::optional(before->value) : std::nullopt;
    Transaction transaction = single(sql::kListBroadcasts, Params().uuid(start).integer(limit));
    const auto rows = co_await database_->read(std::move(transaction), deadline);
    if (!rows)
        co_return rows.error();
    std::vector<Broadcast> broadcasts;
    for (int row = 0; row < rows->front().size(); ++row)
        broadcasts.push_back(read_broadcast(rows->front(), row));
    co_return broadcasts;
}

Awaitable<Result<std::vector<Message>>> PgBroadcastStore::messages(MessageQuery query, Deadline deadline) {
    Transaction transaction;
    // An empty page and a broadcast that does not exist look alike, so both statements go out
    // together: one round trip, and the same transaction.
    transaction.push_back({&sql::kBroadcastExists, Params().uuid(query.broadcast.value)});
    const auto start = query.after ? std::optional(query.after->value) : std::nullopt;
    Params params;
    params.uuid(query.broadcast.value).uuid(start).integer(query.limit);
    if (query.status)
        params.text(to_string(*query.status));
    transaction.push_back({query.status ? &sql::kListMessagesByStatus : &sql::kListMessages, std::move(params)});
    const auto rows = co_await database_->read(std::move(transaction), deadline);
    if (!rows)
        co_return rows.error();
    if (rows->at(0).empty())
        co_return Errc::not_found;
    std::vector<Message> messages;
    for (int row = 0; row < rows->at(1).size(); ++row)
        messages.push_back(read_message(rows->at(1), row));
    co_return messages;
}

Awaitable<Result<MessageWithAttempts>> PgBroadcastStore::message(MessageId id, Deadline deadline) {
    Transaction transaction;
    transaction.push_back({&sql::kGetMessage, Params().uuid(id.value)});
    transaction.push_back({&sql::kListAttempts, Params().uuid(id.value)});
    const auto rows = co_await database_->read(std::move(transaction), deadline);
    if (!rows)
        co_return rows.error();
    if (rows->at(0).empty())
        co_return Errc::not_found;
    MessageWithAttempts found{read_message(rows->at(0), 0), {}};
    const auto& attempts = rows->at(1);
    for (int row = 0; row < attempts.size(); ++row)
        found.attempts.push_back({attempts.integer(row, 0), attempts.time(row, 1),
                                  MessageError{std::string(attempts.text(row, 2)), std::string(attempts.text(row, 3)),
                                               std::string(attempts.text(row, 4))}});
    co_return found;
}

// The command is optimistic: it reads, decides by the table of the domain, and writes only if the
// status is still the one that was read. The domain's table stays the single one, and no lock is
// held across a round trip.
Awaitable<Result<BroadcastStatus>> PgBroadcastStore::command(BroadcastId id, BroadcastCommand command,
                                                             Deadline deadline) {
    for (;;) {
        Transaction look = single(sql::kBroadcastStatus, Params().uuid(id.value));
        const auto rows = co_await database_->read(std::move(look), deadline);
        if (!rows)
            co_return rows.error();
        if (rows->front().empty())
            co_return Errc::not_found;
        const auto now = parse_broadcast_status(rows->front().text(0, 0)).value();
        const auto next = after(now, command);
        if (!next)
            co_return Errc::conflict;
        if (*next == now)
            co_return now;
        Transaction write =
            single(sql::kCommandBroadcast, Params().uuid(id.value).text(to_string(*next)).text(to_string(now)));
        const auto written = co_await database_->run(std::move(write), deadline);
        if (!written)
            co_return written.error();
        // Somebody else moved the broadcast between the read and the write. Statuses only move on,
        // apart from pause and resume, so this loop ends soon; the deadline bounds it in any case.
        if (written->front().affected() == 0)
            continue;
        auto loan = co_await database_->acquire(deadline);
        // A resumed broadcast has due tickets at once, and a canceled one has tickets to end. After
        // a pause there is nothing to hurry for. The command has been committed, so a failure of
        // the NOTIFY is not the caller's concern.
        if (loan && command != BroadcastCommand::pause)
            co_await (*loan)->execute("notify", notify_.c_str(), deadline);
        co_return *next;
    }
}

} // namespace

std::unique_ptr<BroadcastStore> make_broadcast_store(std::shared_ptr<Database> database) {
    return std::make_unique<PgBroadcastStore>(std::move(database));
}

} // namespace smsbcast::adapters::postgres
