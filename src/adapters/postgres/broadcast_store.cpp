#include "broadcast_intake.hpp"
#include "broadcast_statements.hpp"
#include "database.hpp"

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

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

class PgBroadcastStore final : public BroadcastStore {
public:
    explicit PgBroadcastStore(std::shared_ptr<Database> database) : database_(std::move(database)) {}

    std::unique_ptr<BroadcastIntake> intake(BroadcastId id, int ticket_size, Deadline deadline) override {
        return make_broadcast_intake(database_, id, ticket_size, deadline);
    }
    Awaitable<Result<Broadcast>> get(std::string tenant, BroadcastId id, Deadline deadline) override;
    Awaitable<Result<std::vector<Broadcast>>> list(std::string tenant, std::optional<BroadcastId> before, int limit,
                                                   Deadline deadline) override;
    Awaitable<Result<std::vector<Message>>> messages(MessageQuery query, Deadline deadline) override;
    Awaitable<Result<MessageWithAttempts>> message(std::string tenant, MessageId id, Deadline deadline) override;
    Awaitable<Result<BroadcastStatus>> command(std::string tenant, BroadcastId id, BroadcastCommand command,
                                               Deadline deadline) override;
    Awaitable<Result<void>> ping(Deadline deadline) override { return database_->ping(deadline); }

private:
    std::shared_ptr<Database> database_;
};

Awaitable<Result<Broadcast>> PgBroadcastStore::get(std::string tenant, BroadcastId id, Deadline deadline) {
    Transaction transaction = single(sql::kGetBroadcast, Params().text(tenant).uuid(id.value));
    const auto rows = co_await database_->read(std::move(transaction), deadline);
    if (!rows)
        co_return rows.error();
    if (rows->front().empty())
        co_return Errc::not_found;
    co_return read_broadcast(rows->front(), 0);
}

Awaitable<Result<std::vector<Broadcast>>> PgBroadcastStore::list(std::string tenant, std::optional<BroadcastId> before,
                                                                 int limit, Deadline deadline) {
    const auto start = before ? std::optional(before->value) : std::nullopt;
    Transaction transaction = single(sql::kListBroadcasts, Params().text(tenant).uuid(start).integer(limit));
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
    transaction.push_back({&sql::kBroadcastExists, Params().text(query.tenant).uuid(query.broadcast.value)});
    const auto start = query.after ? std::optional(query.after->value) : std::nullopt;
    Params params;
    params.text(query.tenant).uuid(query.broadcast.value).uuid(start).integer(query.limit);
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

Awaitable<Result<MessageWithAttempts>> PgBroadcastStore::message(std::string tenant, MessageId id, Deadline deadline) {
    Transaction transaction;
    transaction.push_back({&sql::kGetMessage, Params().text(tenant).uuid(id.value)});
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
Awaitable<Result<BroadcastStatus>> PgBroadcastStore::command(std::string tenant, BroadcastId id,
                                                             BroadcastCommand command, Deadline deadline) {
    for (;;) {
        Transaction look = single(sql::kBroadcastStatus, Params().text(tenant).uuid(id.value));
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
        Params change;
        change.text(tenant).uuid(id.value).text(to_string(*next)).text(to_string(now));
        Transaction write = single(sql::kCommandBroadcast, std::move(change));
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
            co_await (*loan)->execute("notify", database_->notify_command(), deadline);
        co_return *next;
    }
}

} // namespace

std::unique_ptr<BroadcastStore> make_broadcast_store(std::shared_ptr<Database> database) {
    return std::make_unique<PgBroadcastStore>(std::move(database));
}

} // namespace smsbcast::adapters::postgres
