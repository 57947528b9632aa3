#include "ticket_marker.hpp"

#include "failure_pause.hpp"
#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"
#include "smsbcast/base/random.hpp"

#include <algorithm>
#include <utility>

namespace smsbcast::app {

TicketMarker::TicketMarker(SendContext& context, TicketStore& store, ProviderLane& lane)
    : context_(context), store_(store), lane_(lane), wake_(context.clock().make_signal()) {}

boost::asio::awaitable<void> TicketMarker::run() {
    if (!lane_.marks_in_flight())
        co_return;
    int failures = 0;
    while (!context_.stopping()) {
        std::vector<TicketRef> refs = to_mark();
        if (refs.empty()) {
            co_await wake_->wait(context_.clock().in(kIdleWait));
            continue;
        }
        auto marking = mark(std::move(refs));
        const bool marked = co_await std::move(marking);
        failures = marked ? 0 : failures + 1;
        const Deadline until = context_.clock().in(failure_pause(failures));
        while (!marked && !context_.stopping() && context_.now() < until.at())
            co_await wake_->wait(until);
    }
}

void TicketMarker::message_went() {
    if (context_.board().ready() < ahead())
        wake_->notify_all();
}

std::vector<TicketRef> TicketMarker::to_mark() {
    SendBoard& board = context_.board();
    const bool probing = lane_.circuit() != Circuit::closed;
    return probing ? board.to_mark_for_probe(random_fraction()) : board.to_mark(ahead());
}

std::size_t TicketMarker::ahead() const {
    constexpr std::size_t kLeast = 32; // what goes out while the store is told of the next ticket
    return std::max(kLeast, lane_.window());
}

boost::asio::awaitable<bool> TicketMarker::mark(std::vector<TicketRef> refs) {
    auto marking = store_.mark_in_flight(chaos::mutant("no_begin") ? std::vector<TicketRef>() : refs,
                                         context_.within(context_.options().store_timeout));
    Result<std::vector<TicketRef>> ours = co_await std::move(marking);
    chaos::failpoint("worker.after_mark");
    if (ours && chaos::mutant("no_begin"))
        ours = refs;
    if (ours) {
        context_.board().marked(refs, *ours);
    } else {
        log::warn("tickets_not_marked", {{"tickets", refs.size()}, {"error", ours.error()}});
        context_.board().not_marked(refs);
    }
    context_.board_changed();
    co_return ours.has_value();
}

} // namespace smsbcast::app
