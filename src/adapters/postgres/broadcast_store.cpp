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

constexpr std::chrono::seconds kNotifyTimeout{1};
constexpr std::int64_t kMaxMs = std::numeric_limits<std::int32_t>::max();
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

// Gives the id of the transaction.
Awaitable<Result<std::string>> PgBroadcastStore::insert(Connection& connection, const NewBroadcast& broadcast,
                                                        const std::vector<PlannedTicket>& tickets, Deadline deadline) {
    // The limit that the session has for a statement is too short for a COPY of millions of rows.
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

// Everything but the commit. Nothing stands after a failure, whatever the step that failed believes.
Awaitable<Result<std::string>> PgBroadcastStore::write(Connection& connection, const NewBroadcast& broadcast,
                                                       Deadline deadline) {
    const auto tickets = tickets_of(broadcast);
    auto transaction = co_await insert(connection, broadcast, tickets, deadline);
    if (!transaction && !connection.broken())
        co_await connection.execute("rollback", "ROLLBACK", deadline);
    if (!transaction && transaction.error() == Errc::uncertain)
        co_return Errc::unavailable;
    co_return transaction;
}

// The connection went while the commit was under way. The server may still be at it: only when the transaction has
// ended, the row itself tells how.
Awaitable<Result<void>> PgBroadcastStore::read_back(BroadcastId id, std::string transaction_id, Deadline deadline) {
    while (!deadline.passed()) {
        Transaction look = single(sql::kReadCommit, Params().uuid(id.value).text(transaction_id));
        const auto found = co_await database_->run(std::move(look), deadline);
        if (found && (found->front().boolean(0, 0) || found->front().text(0, 1) == "aborted")) {
            const bool committed = found->front().boolean(0, 0);
            log::info("commit_read_back", {{"broadcast_id", id}, {"committed", committed}});
            co_return committed ? Result<void>() : Result<void>(Errc::unavailable);
        }
        co_await runtime::sleep_until(database_->shard(), earlier(deadline, Deadline::after(kReadBackPause)));
    }
    log::warn("commit_uncertain", {{"broadcast_id", id}});
    co_return Errc::uncertain;
}

// The NOTIFY stands outside the transaction: a commit that notifies takes a lock of the whole server. It holds the
// answer back for a moment at most, since the relay looks by itself as well.
Awaitable<Result<void>> PgBroadcastStore::create(NewBroadcast broadcast, Deadline deadline) {
    Result<std::string> transaction = Errc::unavailable;
    {
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

// Optimistic: read, decide by the domain's table, write if the status is still the one that was read.
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
        if (written->front().affected() == 0)
            continue;
        auto loan = co_await database_->acquire(deadline);
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
