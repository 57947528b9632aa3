#include "installation.hpp"

#include "installation_statements.hpp"
#include "lock_statements.hpp"

#include "smsbcast/domain/message_text.hpp"

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

using Ids = std::vector<Uuid>;

std::optional<Hold> read_hold(const Rows& rows) {
    if (rows.empty() || rows.is_null(0, 0))
        return std::nullopt;
    return Hold{rows.time(0, 0), std::string(rows.text(0, 1))};
}

// The one row of `installation` is read by every statement that hands work out, so a hold takes
// effect with the next claim, take or renewal of any process, without a message between them.
class PgInstallation final : public Installation {
public:
    explicit PgInstallation(std::shared_ptr<Database> database) : database_(std::move(database)) {}

    Awaitable<Result<InstallationIdentity>> identity(Deadline deadline) override {
        Transaction transaction = single(sql::kIdentity, Params());
        const auto rows = co_await database_->read(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        const Rows& found = rows->front();
        if (found.empty())
            co_return Errc::internal;
        co_return InstallationIdentity{found.uuid(0, 0), std::string(found.text(0, 1)), found.time(0, 2)};
    }

    Awaitable<Result<std::optional<Hold>>> held(Deadline deadline) override {
        Transaction transaction = single(sql::kHeld, Params());
        const auto rows = co_await database_->read(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        co_return read_hold(rows->front());
    }

    Awaitable<Result<Hold>> hold(std::string because, Deadline deadline) override {
        // The reason may come from a command line or a file, so it is cleaned like every text from
        // outside.
        Transaction transaction = single(sql::kHold, Params().text(clean_text(because)));
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        const auto hold = read_hold(rows->front());
        co_return hold ? Result<Hold>(*hold) : Result<Hold>(Errc::internal);
    }

    Awaitable<Result<ReleaseReport>> release(ReleaseOptions options, Deadline deadline) override {
        // A restored store does not know what was sent after its backup. Such messages are made
        // `unknown` in bounded steps while the hold lasts, and only when none is left does the hold
        // end: a crash in between leaves the installation held, and the next call goes on.
        if (options.assume_sent_since) {
            const auto tickets = co_await held_tickets(deadline);
            if (!tickets)
                co_return tickets.error();
            if (!tickets->empty()) {
                const auto assumed = co_await assume_sent(*tickets, options, deadline);
                if (!assumed)
                    co_return assumed.error();
                co_return ReleaseReport{*assumed, true};
            }
        }
        // Ending and reading back are one transaction, so the report says what holds after exactly
        // this call.
        Transaction ending = single(sql::kEndHold, Params().boolean(options.assume_sent_since.has_value()));
        ending.push_back({&sql::kHeld, Params()});
        const auto rows = co_await database_->run(std::move(ending), deadline);
        if (!rows)
            co_return rows.error();
        co_return ReleaseReport{0, read_hold(rows->back()).has_value()};
    }

private:
    Awaitable<Result<Ids>> held_tickets(Deadline deadline) {
        Transaction transaction = single(sql::kHeldTickets, Params());
        const auto rows = co_await database_->read(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        Ids tickets;
        for (int row = 0; row < rows->front().size(); ++row)
            tickets.push_back(rows->front().uuid(row, 0));
        co_return tickets;
    }

    // Messages are locked before tickets, as everywhere (lock_statements.hpp).
    Awaitable<Result<std::int64_t>> assume_sent(const Ids& tickets, const ReleaseOptions& options, Deadline deadline) {
        const auto ids = [&] { return Params().uuids(tickets, [](const Uuid& id) { return id; }); };
        auto params = ids();
        params.bigint(options.resolve_within.count())
            .integer(database_->writer())
            .maybe_time(options.assume_sent_since)
            .text(kRestored)
            .text(kAssumedSent)
            .text(assumed_sent_sentence(*options.assume_sent_since));
        Transaction transaction;
        transaction.push_back({&sql::kLockTicketMessages, ids()});
        transaction.push_back({&sql::kLockTickets, ids()});
        transaction.push_back({&sql::kAssumeSent, std::move(params)});
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        co_return rows->back().bigint(0, 0);
    }

    std::shared_ptr<Database> database_;
};

} // namespace

Awaitable<Result<void>> note_home(std::shared_ptr<Database> database, Deadline deadline) {
    // The statement compares and writes only where they differ, so two roles that start at once
    // cannot both hold the installation for the same move.
    if (database->at_home())
        co_return Result<void>();
    Transaction transaction = single(sql::kNoteHome, Params().text(hold_reason(kStoreMoved)));
    const auto rows = co_await database->run(std::move(transaction), deadline);
    if (!rows)
        co_return rows.error();
    database->note_at_home();
    co_return Result<void>();
}

std::unique_ptr<Installation> make_installation(std::shared_ptr<Database> database) {
    return std::make_unique<PgInstallation>(std::move(database));
}

} // namespace smsbcast::adapters::postgres
