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
        unwritten = board.take_results(options.result_batch);
    if (!unwritten.empty() && !co_await write())
        co_return false;
    std::vector<TicketRef> refs = board.to_give_back();
    if (refs.empty())
        co_return true;
    auto giving_back = give_back(std::move(refs));
    co_return co_await std::move(giving_back);
}

// The same batch again after a failure, even one that may have been carried out: results are fenced and a second
// record() of them changes nothing.
boost::asio::awaitable<bool> SendMessages::State::write() {
    auto results = unwritten;
    chaos::reach("worker.before_record");
    auto writing = store.record(std::move(results), options.retry.resolve_within, within(options.store_timeout));
    const Result<void> written = co_await std::move(writing);
    chaos::reach("worker.after_record");
    if (!written) {
        log::write(is_retryable(written.error()) ? log::Level::warn : log::Level::error, "results_not_recorded",
                   {{"results", unwritten.size()}, {"error", written.error()}});
        co_return false;
    }
    board.recorded(unwritten);
    unwritten.clear();
    board_changed();
    co_return true;
}

boost::asio::awaitable<bool> SendMessages::State::give_back(std::vector<TicketRef> refs) {
    auto giving = store.give_back(refs, within(options.store_timeout));
    const Result<void> given = co_await std::move(giving);
    chaos::reach("worker.after_give_back");
    if (!given) {
        log::write(is_retryable(given.error()) ? log::Level::warn : log::Level::error, "tickets_not_given_back",
                   {{"tickets", refs.size()}, {"error", given.error()}});
        co_return false;
    }
    board.given_back(refs);
    board_changed();
    co_return true;
}

} // namespace smsbcast::app
