#include "sweeping.hpp"

#include "lease_statements.hpp"

#include "smsbcast/base/bisection.hpp"
#include "smsbcast/base/log.hpp"

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

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

Awaitable<Result<std::int64_t>> Sweeping::run(Step step, Deadline deadline) {
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

// What was changed before another failure stays changed, so it counts.
Awaitable<Result<std::int64_t>> Sweeping::change_each(const Step& step, const Ids& rows, Deadline deadline) {
    std::int64_t sum = 0;
    for (Bisection parts(rows.size()); !parts.done();) {
        const auto [begin, end] = parts.next();
        const Ids some(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                       rows.begin() + static_cast<std::ptrdiff_t>(end));
        auto changed = co_await change(step, some, deadline);
        if (!changed && changed.error() == Errc::refused) {
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
    Step taking;
    taking.row_name = "message_id";
    taking.count = step.count;
    taking.change = [&step, &ticket](const Ids& some) { return step.change_messages(Ids(1, ticket), some); };
    co_return co_await change_each(taking, *messages, deadline);
}

} // namespace smsbcast::adapters::postgres
