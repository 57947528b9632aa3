#include "failure_pause.hpp"
#include "send_messages_state.hpp"
#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <algorithm>

namespace smsbcast::app {

boost::asio::awaitable<void> SendMessages::State::record() {
    int failures = 0;
    while (!over()) {
        const Deadline due = earlier(Deadline(record_at()), within(kIdleWait));
        if (clock.now() < due.at()) {
            co_await recorder->wait(due);
            continue;
        }
        const bool recorded = co_await record_once();
        failures = recorded ? 0 : failures + 1;
        if (!recorded)
            co_await pause(*recorder, failure_pause(failures));
    }
    if (!board.empty())
        log::error("stopped_in_the_middle", {{"tickets", board.tickets()}, {"unrecorded", board.unrecorded()}});
    keeper->notify_all();
}

// When nothing is on its way there is nothing to wait for; otherwise others will join the first result soon.
SendMessages::State::TimePoint SendMessages::State::record_at() const {
    if (!unwritten.empty() || !board.to_give_back().empty())
        return clock.now();
    if (board.results() == 0)
        return TimePoint::max();
    const bool complete = board.results() >= options.result_batch || board.in_flight() == 0;
    return complete ? clock.now() : oldest_result + options.result_linger;
}

boost::asio::awaitable<bool> SendMessages::State::record_once() {
    if (unwritten.empty())
        unwritten.add(board.take_results(options.result_batch));
    while (!unwritten.empty()) {
        const bool written = co_await write();
        if (!written)
            co_return false;
    }
    std::vector<TicketRef> refs = board.to_give_back();
    if (refs.empty())
        co_return true;
    auto giving_back = give_back(std::move(refs));
    co_return co_await std::move(giving_back);
}

// The same again after a failure, even one that may have been carried out: results are fenced and a second record() of
// them changes nothing.
boost::asio::awaitable<bool> SendMessages::State::write() {
    auto results = unwritten.next();
    const std::size_t count = results.size();
    recording.waits(clock.now());
    chaos::failpoint("worker.before_record");
    auto writing = store.record(std::move(results), options.retry.resolve_within, within(options.store_timeout));
    const Result<void> written = co_await std::move(writing);
    chaos::failpoint("worker.after_record");
    if (written) {
        if (unwritten.is_reduced())
            put_aside(unwritten.next().front(), true);
        recording.moved();
        leave(unwritten.take());
        co_return true;
    }
    if (written.error() == Errc::refused) {
        if (unwritten.refused() == UnwrittenResults::Refusal::alone) {
            put_aside(unwritten.next().front(), false);
            leave(unwritten.take());
        }
        co_return true;
    }
    log::write(is_retryable(written.error()) ? log::Level::warn : log::Level::error, "results_not_recorded",
               {{"results", count}, {"error", written.error()}});
    co_return false;
}

// One that could not be recorded at all is not ours any more either: when its lease has run out, it is as if this
// worker had died before it wrote it down.
void SendMessages::State::put_aside(const MessageResult& result, bool recorded) {
    ++results_put_aside;
    log::error("result_put_aside", {{"message_id", result.message},
                                    {"ticket_id", result.ticket.id},
                                    {"attempt", result.ticket.fence},
                                    {"recorded", recorded}});
}

void SendMessages::State::leave(const std::vector<MessageResult>& results) {
    board.recorded(results);
    if (unwritten.empty() && board.results() == 0)
        recording.moved();
    board_changed();
}

boost::asio::awaitable<bool> SendMessages::State::give_back(std::vector<TicketRef> refs) {
    for (Bisection parts(refs.size()); !parts.done();) {
        const auto [begin, end] = parts.next();
        const auto first = refs.begin();
        const std::vector<TicketRef> some(first + static_cast<std::ptrdiff_t>(begin),
                                          first + static_cast<std::ptrdiff_t>(end));
        auto giving = store.give_back(some, within(options.store_timeout));
        const Result<void> given = co_await std::move(giving);
        chaos::failpoint("worker.after_give_back");
        if (!given && given.error() != Errc::refused) {
            log::write(is_retryable(given.error()) ? log::Level::warn : log::Level::error, "tickets_not_given_back",
                       {{"tickets", some.size()}, {"error", given.error()}});
            co_return false;
        }
        if (!given && !parts.refused())
            continue;
        if (!given) // its lease runs out
            log::error("ticket_put_aside", {{"ticket_id", some.front().id}, {"attempt", some.front().fence}});
        parts.passed();
        board.given_back(some);
        board_changed();
    }
    co_return true;
}

} // namespace smsbcast::app
