#include "result_recorder.hpp"

#include "failure_pause.hpp"
#include "smsbcast/base/bisection.hpp"
#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <utility>

namespace smsbcast::app {

namespace {

std::string_view to_string(TicketEnd end) {
    switch (end) {
    case TicketEnd::finished: return "finished";
    case TicketEnd::given_back: return "given_back";
    case TicketEnd::lost: return "lost";
    }
    return "lost";
}

log::Level level_of(const boost::system::error_code& error) {
    return is_retryable(error) ? log::Level::warn : log::Level::error;
}

} // namespace

ResultRecorder::ResultRecorder(SendContext& context, TicketConsumer& consumer, TicketStore& store,
                               const ProviderLane& lane)
    : context_(context), consumer_(consumer), store_(store), lane_(lane), wake_(context.clock().make_signal()) {}

boost::asio::awaitable<void> ResultRecorder::run() {
    int failures = 0;
    while (!context_.over()) {
        const Deadline due = earlier(Deadline(due_at()), context_.within(kIdleWait));
        if (context_.now() < due.at()) {
            co_await wake_->wait(due);
            continue;
        }
        const bool recorded = co_await record();
        failures = recorded ? 0 : failures + 1;
        if (!recorded)
            co_await context_.pause(*wake_, failure_pause(failures));
    }
    const SendBoard& board = context_.board();
    if (!board.empty())
        log::error("stopped_in_the_middle", {{"tickets", board.tickets()}, {"unrecorded", board.unrecorded()}});
    context_.board_changed();
}

void ResultRecorder::add(MessageResult result) {
    SendBoard& board = context_.board();
    if (board.results() == 0)
        oldest_result_ = context_.now();
    board.finish(std::move(result));
    if (board.results() == 1 || board.results() >= context_.options().result_batch || board.in_flight() == 0)
        wake_->notify_all();
}

void ResultRecorder::give_back_all() {
    context_.board().give_back_all();
    wake_->notify_all();
}

void ResultRecorder::board_changed() {
    SendBoard& board = context_.board();
    std::vector<DeliveryTag> tags;
    for (const auto& ended : board.take_ended()) {
        tags.insert(tags.end(), ended.tags.begin(), ended.tags.end());
        log::debug("ticket_finished", {{"broadcast_id", ended.broadcast},
                                       {"ticket_id", ended.ref.id},
                                       {"attempt", ended.ref.fence},
                                       {"end", to_string(ended.end)}});
    }
    if (!tags.empty())
        consumer_.acknowledge(std::move(tags));
    if (board.in_flight() == 0)
        wake_->notify_all();
}

// When nothing is on its way there is nothing to wait for; otherwise others will join the first result soon.
SendContext::TimePoint ResultRecorder::due_at() const {
    const SendBoard& board = context_.board();
    const SendOptions& options = context_.options();
    if (!unwritten_.empty() || !board.to_give_back().empty())
        return context_.now();
    if (board.results() == 0)
        return SendContext::TimePoint::max();
    const bool complete = board.results() >= options.result_batch || board.in_flight() == 0;
    return complete ? context_.now() : oldest_result_ + options.result_linger;
}

boost::asio::awaitable<bool> ResultRecorder::record() {
    if (unwritten_.empty())
        unwritten_.add(context_.board().take_results(context_.options().result_batch));
    while (!unwritten_.empty()) {
        const bool written = co_await write();
        if (!written)
            co_return false;
    }
    std::vector<TicketRef> refs = context_.board().to_give_back();
    if (refs.empty())
        co_return true;
    auto giving_back = give_back(std::move(refs));
    co_return co_await std::move(giving_back);
}

// The same again after a failure, even one that may have been carried out: results are fenced and a second record() of
// them changes nothing.
boost::asio::awaitable<bool> ResultRecorder::write() {
    auto results = unwritten_.next();
    const std::size_t count = results.size();
    recording_.waits(context_.now());
    chaos::failpoint("worker.before_record");
    auto writing = store_.record(std::move(results), lane_.options().retry.resolve_within,
                                 context_.within(context_.options().store_timeout));
    const Result<void> written = co_await std::move(writing);
    chaos::failpoint("worker.after_record");
    if (written) {
        if (unwritten_.is_reduced())
            note_put_aside(unwritten_.next().front(), true);
        recording_.moved();
        leave(unwritten_.take());
        co_return true;
    }
    if (written.error() == Errc::refused) {
        if (unwritten_.refused() == UnwrittenResults::Refusal::alone) {
            note_put_aside(unwritten_.next().front(), false);
            leave(unwritten_.take());
        }
        co_return true;
    }
    log::write(level_of(written.error()), "results_not_recorded", {{"results", count}, {"error", written.error()}});
    co_return false;
}

// One that could not be recorded at all is not ours any more either: when its lease has run out, it is as if this
// worker had died before it wrote it down.
void ResultRecorder::note_put_aside(const MessageResult& result, bool recorded) {
    ++put_aside_;
    log::error("result_put_aside", {{"message_id", result.message},
                                    {"ticket_id", result.ticket.id},
                                    {"attempt", result.ticket.fence},
                                    {"recorded", recorded}});
}

void ResultRecorder::leave(const std::vector<MessageResult>& results) {
    context_.board().recorded(results);
    if (unwritten_.empty() && context_.board().results() == 0)
        recording_.moved();
    context_.board_changed();
}

boost::asio::awaitable<bool> ResultRecorder::give_back(std::vector<TicketRef> refs) {
    for (Bisection parts(refs.size()); !parts.done();) {
        const auto [begin, end] = parts.next();
        const auto first = refs.begin();
        const std::vector<TicketRef> some(first + static_cast<std::ptrdiff_t>(begin),
                                          first + static_cast<std::ptrdiff_t>(end));
        auto giving = store_.give_back(some, context_.within(context_.options().store_timeout));
        const Result<void> given = co_await std::move(giving);
        chaos::failpoint("worker.after_give_back");
        if (!given && given.error() != Errc::refused) {
            log::write(level_of(given.error()), "tickets_not_given_back",
                       {{"tickets", some.size()}, {"error", given.error()}});
            co_return false;
        }
        if (!given && !parts.refused())
            continue;
        if (!given) // its lease runs out
            log::error("ticket_put_aside", {{"ticket_id", some.front().id}, {"attempt", some.front().fence}});
        parts.passed();
        context_.board().given_back(some);
        context_.board_changed();
    }
    co_return true;
}

} // namespace smsbcast::app
