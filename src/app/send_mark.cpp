#include "failure_pause.hpp"
#include "send_messages_state.hpp"
#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"
#include "smsbcast/base/random.hpp"

#include <algorithm>

namespace smsbcast::app {

// Just as many tickets ahead of the lanes as keeps them busy, and one alone for a probe: whatever is marked and not
// recorded when this process dies becomes `unknown`.
boost::asio::awaitable<void> SendMessages::State::mark_in_flight() {
    if (!marks_in_flight(options))
        co_return;
    int failures = 0;
    while (!stopping) {
        const bool probing = breaker.state() != Circuit::closed;
        std::vector<TicketRef> refs = probing ? board.to_mark_for_probe(random_fraction()) : board.to_mark(ahead());
        if (refs.empty()) {
            co_await marker->wait(clock.in(kIdleWait));
            continue;
        }
        auto marking = mark_some(std::move(refs));
        const bool marked = co_await std::move(marking);
        failures = marked ? 0 : failures + 1;
        const Deadline until = clock.in(failure_pause(failures));
        while (!marked && !stopping && clock.now() < until.at())
            co_await marker->wait(until);
    }
}

std::size_t SendMessages::State::ahead() const {
    constexpr std::size_t kLeast = 32; // what goes out while the store is told of the next ticket
    return std::max(kLeast, window.size());
}

boost::asio::awaitable<bool> SendMessages::State::mark_some(std::vector<TicketRef> refs) {
    auto beginning = store.mark_in_flight(chaos::mutant("no_begin") ? std::vector<TicketRef>() : refs,
                                          within(options.store_timeout));
    Result<std::vector<TicketRef>> ours = co_await std::move(beginning);
    chaos::failpoint("worker.after_mark");
    if (ours && chaos::mutant("no_begin"))
        ours = refs;
    if (ours) {
        board.marked(refs, *ours);
    } else {
        log::warn("tickets_not_marked", {{"tickets", refs.size()}, {"error", ours.error()}});
        board.not_marked(refs);
    }
    board_changed();
    co_return ours.has_value();
}

} // namespace smsbcast::app
