#include "database.hpp"
#include "housekeeping_statements.hpp"
#include "lease_statements.hpp"
#include "lock_statements.hpp"
#include "receipt_rows.hpp"
#include "receipt_statements.hpp"
#include "sweeping.hpp"

#include "smsbcast/base/bisection.hpp"
#include "smsbcast/base/log.hpp"
#include "smsbcast/domain/message_rules.hpp"

#include <algorithm>

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;
using std::chrono::milliseconds;

namespace {

// Twenty rounds of 500 let the sweep look past ten thousand receipts that nobody knows; each round
// postpones those it tried, so the next run begins behind them.
constexpr int kMaxInboxRounds = 20;

using Count = Result<std::int64_t>;
using Ids = Sweeping::Ids;

// The columns stand in the order of kInboxDue.
std::vector<InboxReceipt> inbox_receipts(const Rows& found) {
    std::vector<InboxReceipt> batch;
    for (int row = 0; row < found.size(); ++row) {
        const auto message = found.maybe_uuid(row, 1);
        batch.push_back(
            {Receipt{message ? std::optional(MessageId{*message}) : std::nullopt, std::string(found.text(row, 2)),
                     found.boolean(row, 3), found.maybe_text(row, 4), std::string(found.text(row, 6))},
             found.bigint(row, 0), found.integer(row, 5)});
    }
    return batch;
}

Params ids_of(const Ids& ids) {
    Params params;
    params.uuids(ids, [](const Uuid& id) { return id; });
    return params;
}

// The error of a worker that died in mid-attempt is worded in the domain, so both stores show the
// same.
Params& with_lost_attempt(Params& params) {
    const auto& [code, error_class, sentence] = lost_attempt();
    return params.text(code).text(error_class).text(sentence);
}

auto find_by(const Statement& statement) {
    return [&statement](const Ids& set_aside) { return single(statement, ids_of(set_aside)); };
}

auto change_by(const Statement& statement) {
    return [&statement](const Ids& rows) { return single(statement, ids_of(rows)); };
}

// The sweeper calls these in turns. Each call finds a bounded number of rows without locks, takes
// the locks in the common order, and changes what is still as it was found, so any number of
// replicas may run at once.
class PgHousekeeping final : public Housekeeping {
public:
    explicit PgHousekeeping(std::shared_ptr<Database> database) : database_(database), sweeping_(std::move(database)) {}

    // Three kinds of tickets, by what their lost worker may have done. Those whose messages may be
    // sent again go first, since they are the common case and cheap; the other two end in
    // `unknown`, because a second SMS is worse than an unresolved one.
    Awaitable<Count> expire_leases(milliseconds resolve_within, Deadline deadline) override {
        const auto again = co_await expire_unflagged(deadline);
        if (!again)
            co_return again;
        const auto resent =
            co_await empty(&sql::kResentAndExpired, {&sql::kExpireResent, std::nullopt}, resolve_within, deadline);
        if (!resent)
            co_return resent;
        const auto lost =
            co_await empty(&sql::kBegunAndExpired, {&sql::kExpireBegun, std::nullopt}, resolve_within, deadline);
        co_return lost ? Count(*again + *resent + *lost) : lost;
    }

    Awaitable<Count> requeue_lost(milliseconds after, Loss loss, Deadline deadline) override {
        const auto params = [after, loss](const Ids& ids) {
            return ids_of(ids).bigint(after.count()).boolean(loss == Loss::suspected);
        };
        Sweeping::Step step{
            "ticket_id", [params](const Ids& set_aside) { return single(sql::kLostInQueue, params(set_aside)); },
            [params](const Ids& rows) { return single(sql::kRequeueLost, params(rows).integer(kMaxRequeues)); }};
        return sweeping_.run(std::move(step), deadline);
    }

    // A receipt that nobody knows must not stand in the way of those behind it, so the call looks
    // on until some match, within bounds. There is no lock between reading and applying: two
    // sweepers that try the same receipt do it no harm, since messages only move forward.
    Awaitable<Count> match_inbox(Deadline deadline) override {
        for (int round = 0; round < kMaxInboxRounds; ++round) {
            Transaction due = single(sql::kInboxDue, Params());
            const auto rows = co_await database_->read(std::move(due), deadline);
            if (!rows)
                co_return rows.error();
            const auto batch = inbox_receipts(rows->front());
            const auto matched = co_await match(batch, deadline);
            // A round that matched something ends the call, so that the sweeper's other duties get
            // their turn; the caller repeats while there is something.
            if (!matched || *matched > 0 || batch.empty())
                co_return matched;
        }
        co_return 0;
    }

    Awaitable<Count> purge_inbox(milliseconds retention, Deadline deadline) override {
        Transaction transaction = single(sql::kPurgeInbox, Params().bigint(retention.count()));
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        co_return rows->front().affected();
    }

    // The tickets go first. A broadcast counts as canceled only when none is left, and a ticket
    // that a worker still holds keeps it in `canceling` until the worker gives it back or loses its
    // lease.
    Awaitable<Count> finish_cancels(milliseconds resolve_within, Deadline deadline) override {
        const auto emptied =
            co_await empty(&sql::kCancelable, {&sql::kEndTickets, MessageStatus::canceled}, resolve_within, deadline);
        if (!emptied)
            co_return emptied;
        Sweeping::Step step{"broadcast_id", find_by(sql::kEmptyCanceling), change_by(sql::kFinishCanceled)};
        const auto finished = co_await sweeping_.run(step, deadline);
        co_return finished ? Count(*emptied + *finished) : finished;
    }

    Awaitable<Count> expire_broadcasts(milliseconds resolve_within, Deadline deadline) override {
        return empty(&sql::kExpirable, {&sql::kEndTickets, MessageStatus::expired}, resolve_within, deadline);
    }

    Awaitable<Count> end_unresolved(Deadline deadline) override {
        const auto end = [writer = database_->writer()](const Ids& messages) {
            auto params = ids_of(messages).integer(writer);
            params.texts(kSentWithoutReceipt, [](std::string_view error_class) { return error_class; });
            return single(sql::kEndUnresolved, params.text(kUnknownClass).text(kNoReceiptInTime));
        };
        Sweeping::Step step{"message_id", find_by(sql::kUnresolved), end};
        return sweeping_.run(std::move(step), deadline);
    }

    Awaitable<Count> complete(Deadline deadline) override {
        Sweeping::Step step{"broadcast_id", find_by(sql::kCompletable), change_by(sql::kComplete)};
        // The count function doubles as the place of the log line, since only the rows that the
        // statement returned were completed by this replica.
        step.count = [](const Rows& done) -> std::int64_t {
            for (int row = 0; row < done.size(); ++row)
                log::info("broadcast_completed", {{"broadcast_id", done.uuid(row, 0)}, {"total", done.bigint(row, 1)}});
            return done.size();
        };
        return sweeping_.run(std::move(step), deadline);
    }

    Awaitable<Result<ReceiptSigns>> receipt_signs(Deadline deadline) override {
        Transaction looking = single(sql::kReceiptSigns, Params());
        const auto rows = co_await database_->read(std::move(looking), deadline);
        if (!rows)
            co_return rows.error();
        const auto& counts = rows->front();
        ReceiptSigns signs{counts.bigint(0, 0), counts.boolean(0, 1)};
        const auto failed = counts.maybe_uuid(0, 2);
        // A delivery, or a receipt in the inbox, answers the question already. Only where neither
        // exists is one more read spent on receipts of failure.
        if (signs.any || !failed)
            co_return signs;
        Transaction closer = single(sql::kFailedByReceipt, Params().uuid(*failed).text(kByReceipt));
        const auto found = co_await database_->read(std::move(closer), deadline);
        if (!found)
            co_return found.error();
        signs.any = found->front().boolean(0, 0);
        co_return signs;
    }

private:
    // A history row may be what the server refuses. The ticket must not stay stuck for the sake of
    // a line of history, so change_less sends it on without one.
    Awaitable<Count> expire_unflagged(Deadline deadline) {
        const auto expire = [](bool told) {
            return [told](const Ids& tickets) {
                auto params = ids_of(tickets).boolean(told);
                return single(sql::kExpireLeases, with_lost_attempt(params));
            };
        };
        Sweeping::Step step{"ticket_id", find_by(sql::kLapsedLeases), expire(true)};
        step.change_less = expire(false);
        return sweeping_.run(std::move(step), deadline);
    }

    struct Move {
        const Statement* statement;
        std::optional<MessageStatus> end; ///< its last parameter, if it has one
    };

    // Tickets are found without locks and looked at again under them. The locks are statements of
    // their own before the change, messages before tickets: the change then runs on a snapshot that
    // is younger than the locks, and sees rows that nobody else can move.
    Awaitable<Count> empty(const Statement* find, Move move, milliseconds resolve_within, Deadline deadline) {
        const auto take_out = [move, resolve_within, writer = database_->writer()](const Ids& tickets,
                                                                                   const Ids* messages) {
            auto params = ids_of(tickets);
            // A null array stands for all messages of the tickets; sweeping passes a list only
            // where one of them was refused.
            if (messages)
                params.uuids(*messages, [](const Uuid& id) { return id; });
            else
                params.uuid(std::optional<Uuid>());
            with_lost_attempt(params.bigint(resolve_within.count()).integer(writer));
            if (move.end)
                params.text(to_string(*move.end));
            Transaction transaction;
            transaction.push_back({&sql::kLockTicketMessages, ids_of(tickets)});
            transaction.push_back({&sql::kLockTickets, ids_of(tickets)});
            transaction.push_back({move.statement, std::move(params)});
            return transaction;
        };
        Sweeping::Step step{"ticket_id", find_by(*find),
                            [take_out](const Ids& tickets) { return take_out(tickets, nullptr); }};
        step.change_messages = [take_out](const Ids& ticket, const Ids& messages) {
            return take_out(ticket, &messages);
        };
        return sweeping_.run(std::move(step), deadline);
    }

    // The result is how many receipts found their message. A batch that the server refuses is
    // halved until the one at fault stands alone; that one is tried again later, after ever longer
    // times.
    Awaitable<Count> match(std::vector<InboxReceipt> batch, Deadline deadline) {
        std::int64_t matched = 0;
        for (Bisection parts(batch.size()); !parts.done();) {
            const auto [begin, end] = parts.next();
            std::vector<InboxReceipt> some(batch.begin() + static_cast<std::ptrdiff_t>(begin),
                                           batch.begin() + static_cast<std::ptrdiff_t>(end));
            const auto outcomes = co_await apply_batch(database_, std::move(some), deadline);
            if (outcomes) {
                matched +=
                    std::ranges::count_if(*outcomes, [](auto outcome) { return outcome != ReceiptOutcome::kept; });
                parts.passed();
                continue;
            }
            if (outcomes.error() != Errc::refused)
                // What was applied before the failure is committed, so it is reported as progress;
                // the failure will show itself again in the next call.
                co_return matched > 0 ? Count(matched) : Count(outcomes.error());
            const auto alone = parts.refused();
            if (!alone)
                continue;
            const auto postponed = co_await postpone(batch[*alone], deadline);
            if (!postponed)
                co_return matched > 0 ? Count(matched) : Count(postponed.error());
            parts.passed();
        }
        co_return matched;
    }

    // The receipt stays in the inbox until its retention ends: a provider never sends it again once
    // it was acknowledged.
    Awaitable<Result<void>> postpone(const InboxReceipt& row, Deadline deadline) {
        log::error("receipt_put_aside",
                   {{"message_id", row.receipt.message ? to_string(*row.receipt.message) : "none"}, {"kept", true}});
        Transaction transaction =
            single(sql::kPostponeReceipt, Params().bigint(row.inbox_id.value()).bigint(inbox_pause(row.tries).count()));
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        co_return rows ? Result<void>() : Result<void>(rows.error());
    }

    std::shared_ptr<Database> database_;
    Sweeping sweeping_;
};

} // namespace

std::unique_ptr<Housekeeping> make_housekeeping(std::shared_ptr<Database> database) {
    return std::make_unique<PgHousekeeping>(std::move(database));
}

} // namespace smsbcast::adapters::postgres
