#include "sweeping.hpp"

#include "lease_statements.hpp"

#include "smsbcast/base/bisection.hpp"
#include "smsbcast/base/log.hpp"

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

// Statements whose work is done in CTEs end in a SELECT of a number; plain UPDATEs and DELETEs have
// no row.
std::int64_t Sweeping::counted(const Rows& rows) {
    return rows.empty() ? rows.affected() : rows.bigint(0, 0);
}

Awaitable<Result<Sweeping::Ids>> Sweeping::find(Transaction transaction, Deadline deadline) {
    const auto rows = co_await database_->read(std::move(transaction), deadline);
    if (!rows)
        co_return rows.error();
    Ids ids;
    for (int row = 0; row < rows->front().size(); ++row)
        ids.push_back(rows->front().uuid(row, 0));
    co_return ids;
}

// Every sweep of housekeeping comes by here: one statement finds rows, a transaction changes them.
// The common case costs two round trips; only a refusal leads to the paths below.
Awaitable<Result<std::int64_t>> Sweeping::run(Step step, Deadline deadline) {
    // Rows that were refused lately are passed as $1 and skipped by the search. Otherwise they
    // would be found first each time, fill its LIMIT, and starve those behind them.
    Transaction finding = step.find(set_aside_.ids(Deadline::Clock::now()));
    const auto rows = co_await find(std::move(finding), deadline);
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return 0;
    const auto changed = co_await change(step, *rows, deadline);
    if (changed || changed.error() != Errc::refused)
        co_return changed;
    co_return co_await change_each(step, *rows, deadline);
}

Awaitable<Result<std::int64_t>> Sweeping::change(const Step& step, const Ids& rows, Deadline deadline) {
    Transaction transaction = step.change(rows);
    const auto answer = co_await database_->run(std::move(transaction), deadline);
    if (!answer)
        co_return answer.error();
    co_return step.count(answer->back());
}

// Each part is a transaction of its own. What was changed before another failure stays changed, so
// it counts.
Awaitable<Result<std::int64_t>> Sweeping::change_each(const Step& step, const Ids& rows, Deadline deadline) {
    std::int64_t sum = 0;
    for (Bisection parts(rows.size()); !parts.done();) {
        const auto [begin, end] = parts.next();
        const Ids some(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                       rows.begin() + static_cast<std::ptrdiff_t>(end));
        auto changed = co_await change(step, some, deadline);
        if (!changed && changed.error() == Errc::refused) {
            // A part of several rows is halved and tried again; a single row is returned and
            // handled alone.
            if (!parts.refused())
                continue;
            changed = co_await change_alone(step, some.front(), deadline);
        }
        if (!changed)
            co_return sum > 0 ? Result<std::int64_t>(sum) : changed;
        sum += *changed;
        parts.passed();
    }
    co_return sum;
}

Awaitable<Result<std::int64_t>> Sweeping::change_alone(const Step& step, const Uuid& row, Deadline deadline) {
    // Some of the change may be dispensable, such as a line of history. A ticket that moves on
    // without it is better than one that is stuck.
    if (step.change_less) {
        Step less = step;
        less.change = step.change_less;
        const Ids one(1, row);
        const auto changed = co_await change(less, one, deadline);
        if (changed)
            log::error("row_put_aside", {{step.row_name, row}, {"changed", true}});
        if (changed || changed.error() != Errc::refused)
            co_return changed;
    }
    // The memory of refused rows is this process's own. Another replica, or this one after a
    // restart, tries each of them once more and finds out by itself.
    set_aside_.add(row, Deadline::Clock::now());
    log::error("row_put_aside", {{step.row_name, row}, {"changed", false}});
    if (step.change_messages)
        co_return co_await change_messages(step, row, deadline);
    co_return 0;
}

Awaitable<Result<std::int64_t>> Sweeping::change_messages(const Step& step, const Uuid& ticket, Deadline deadline) {
    Transaction finding = single(sql::kTicketMessages, Params().uuid(ticket));
    const auto messages = co_await find(std::move(finding), deadline);
    if (!messages)
        co_return messages.error();
    // One message in the ticket is at fault. The others are taken out of it part by part, so that a
    // single broken row holds up nobody but itself.
    Step taking;
    taking.row_name = "message_id";
    taking.count = step.count;
    taking.change = [&step, &ticket](const Ids& some) { return step.change_messages(Ids(1, ticket), some); };
    co_return co_await change_each(taking, *messages, deadline);
}

} // namespace smsbcast::adapters::postgres
