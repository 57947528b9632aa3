#include "send_messages_state.hpp"
#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"
#include "smsbcast/base/random.hpp"

#include <algorithm>

namespace smsbcast::app {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDefaultSlowDown{1000};
constexpr milliseconds kMostSlowDown{60000};

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
    ++lane_count;
    while (!out_of_time()) {
        const auto now = clock.now();
        const std::optional<SendItem> item = board.next(now);
        if (item) {
            Submission submission{item->message.id, item->message.phone, item->text, item->message.generation,
                                  Deadline(item->start_before)};
            const Deadline deadline(std::min({now + options.submit_timeout, item->lease_until, stop_by.at()}));
            chaos::reach("worker.before_submit");
            auto submitting = provider.submit(std::move(submission), deadline);
            SubmitOutcome outcome = co_await std::move(submitting);
            chaos::reach("worker.after_submit");
            conclude(*item, std::move(outcome));
            continue;
        }
        if (stopping)
            break;
        ++idle_lanes;
        co_await lanes->wait(Deadline(now < board.paused_until() ? board.paused_until() : now + kIdleWait));
        --idle_lanes;
    }
    --lane_count;
}

void SendMessages::State::conclude(const SendItem& item, SubmitOutcome outcome) {
    MessageResult result;
    result.ticket = item.ticket;
    result.message = item.message.id;
    result.verdict = decide(item.message, outcome, options.retry, random_fraction());
    if (auto* accepted = std::get_if<Accepted>(&outcome)) {
        result.provider_id = std::move(accepted->provider_id);
        result.keep_reference = !accepted->repeats_our_id;
    }
    if (const auto* throttled = std::get_if<Throttled>(&outcome))
        slow_down(*throttled);
    log_verdict(item, result.verdict);

    if (board.results() == 0)
        oldest_result = clock.now();
    board.finish(std::move(result));
    if (board.results() == 1 || board.results() >= options.result_batch || board.in_flight() == 0)
        recorder->notify_all();
    if (board.ready() < lane_count)
        announcer->notify_all();
}

void SendMessages::State::slow_down(const Throttled& throttled) {
    const auto asked = throttled.retry_after.count() > 0 ? throttled.retry_after : kDefaultSlowDown;
    const auto length = std::min(asked, kMostSlowDown);
    const auto now = clock.now();
    if (now >= board.paused_until())
        log::warn("provider_throttled", {{"pause_ms", length}, {"code", throttled.code}});
    board.pause_until(now + length);
}

} // namespace smsbcast::app
