#include "send_messages_state.hpp"
#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"
#include "smsbcast/base/random.hpp"

#include <algorithm>

namespace smsbcast::app {

namespace {

void log_verdict(const SendItem& item, const Verdict& verdict) {
    if (verdict.step == NextStep::sent || !verdict.error)
        return;
    const bool retried = verdict.step == NextStep::retry;
    const auto level = retried ? log::Level::debug : log::Level::info;
    if (!log::enabled(level))
        return;
    const char* event = retried                             ? "message_to_be_retried"
                        : verdict.step == NextStep::unknown ? "message_unknown"
                                                            : "message_failed";
    log::write(level, event,
               {{"broadcast_id", item.broadcast},
                {"message_id", item.message.id},
                {"phone", chaos::mutant("phone_in_log") ? item.message.phone.text() : item.message.phone.masked()},
                {"class", verdict.error->error_class},
                {"code", verdict.error->code},
                {"attempts", verdict.attempts}});
}

} // namespace

boost::asio::awaitable<void> SendMessages::State::lane() {
    while (!out_of_time()) {
        const auto now = clock.now();
        const auto gate = gate_opens_at(now);
        std::optional<SendItem> item;
        if (gate <= now)
            item = next_item(now);
        if (item) {
            const Begun begun = begin_submission(now);
            Submission submission{item->message.id, item->message.phone, item->text, item->message.key_generation,
                                  Deadline(item->start_before)};
            const Deadline deadline(std::min({now + options.submit_timeout, item->lease_until, stop_by.at()}));
            chaos::failpoint("worker.before_submit");
            auto submitting = provider.submit(std::move(submission), deadline);
            SubmitOutcome outcome = co_await std::move(submitting);
            chaos::failpoint("worker.after_submit");
            conclude(*item, begun, std::move(outcome));
            continue;
        }
        if (stopping)
            break;
        const Rest rest = begin_rest(now, gate);
        co_await lanes->wait(rest.until);
        end_rest(rest);
    }
}

// One lane alone waits for a gate that opens by time, and each that is let through wakes the next one: not all of them
// for one message.
SendMessages::State::Rest SendMessages::State::begin_rest(TimePoint now, TimePoint gate) {
    const bool watches = gate > now && gate != TimePoint::max() && !gate_watched;
    ++idle_lanes;
    gate_watched = gate_watched || watches;
    return {watches, Deadline(watches ? gate : now + kIdleWait)};
}

void SendMessages::State::end_rest(const Rest& rest) {
    --idle_lanes;
    gate_watched = gate_watched && !rest.watches;
}

void SendMessages::State::conclude(const SendItem& item, const Begun& begun, SubmitOutcome outcome) {
    std::optional<SubmitOutcome> known;
    std::string_view error_class;
    if (auto* refusal = std::get_if<Disputed>(&outcome)) {
        known = judge(item, begun, std::move(*refusal));
        error_class = known && std::holds_alternative<Refused>(*known) ? kDisputed : std::string_view();
    } else {
        known = std::move(outcome);
    }
    if (known) {
        end_submission(begun, *known);
        settle(item, std::move(*known), error_class);
    }
    settle_disputes();
}

// `error_class`: instead of the one that the outcome would have.
void SendMessages::State::settle(const SendItem& item, SubmitOutcome outcome, std::string_view error_class) {
    MessageResult result;
    result.ticket = item.ticket;
    result.message = item.message.id;
    result.verdict = decide(item.message, outcome, options.retry, random_fraction(), breaker.provider_away());
    if (!error_class.empty() && result.verdict.error)
        result.verdict.error->error_class = error_class;
    if (auto* accepted = std::get_if<Accepted>(&outcome)) {
        result.provider_id = std::move(accepted->provider_id);
        result.keep_reference = !accepted->repeats_our_id;
    }
    log_verdict(item, result.verdict);

    if (board.results() == 0)
        oldest_result = clock.now();
    board.finish(std::move(result));
    if (board.results() == 1 || board.results() >= options.result_batch || board.in_flight() == 0)
        recorder->notify_all();
    if (board.ready() < ahead())
        marker->notify_all();
}

} // namespace smsbcast::app
