#include "submitter.hpp"

#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <algorithm>
#include <utility>

namespace smsbcast::app {

namespace {

// A message counts as one until its segments are known.
constexpr int kWeight = 1;

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

Submitter::Submitter(SendContext& context, ProviderLane& lane, ResultRecorder& recorder, TicketMarker& marker)
    : context_(context), lane_(lane), recorder_(recorder), marker_(marker), wake_(context.clock().make_signal()) {}

boost::asio::awaitable<void> Submitter::run() {
    while (!context_.out_of_time()) {
        const auto now = context_.now();
        const auto opens_at = lane_.opens_at(now);
        std::optional<SendItem> item;
        if (opens_at <= now)
            item = lane_.next(context_.board(), now);
        if (item) {
            auto submitting = submit(std::move(*item));
            co_await std::move(submitting);
            continue;
        }
        if (context_.stopping())
            break;
        const Rest rest = begin_rest(now, opens_at);
        co_await wake_->wait(rest.until);
        end_rest(rest);
    }
}

boost::asio::awaitable<void> Submitter::submit(SendItem item) {
    const auto now = context_.now();
    Submission submission{item.message.id, item.message.phone, item.text, item.message.key_generation,
                          Deadline(item.start_before)};
    const Deadline deadline(
        std::min({now + lane_.options().submit_timeout, item.lease_until, context_.stop_by().at()}));
    LaneSubmission begun = lane_.begin(std::move(item), kWeight, now);
    if (idle_ > 0 && context_.board().ready() > 0 && lane_.opens_at(now) <= now)
        wake_->notify_one();
    chaos::failpoint("worker.before_submit");
    auto submitting = lane_.provider().submit(std::move(submission), deadline);
    SubmitOutcome outcome = co_await std::move(submitting);
    chaos::failpoint("worker.after_submit");
    apply(lane_.end(std::move(begun), std::move(outcome), context_.now()));
}

void Submitter::apply(LaneNews news) {
    if (news.closed)
        context_.circuit_closed();
    if (news.opened)
        recorder_.give_back_all();
    for (auto& [item, result] : news.concluded) {
        log_verdict(item, result.verdict);
        recorder_.add(std::move(result));
        marker_.message_went();
    }
}

// One loop alone waits for a lane that opens by time, and each that is let through wakes the next one: not all of them
// for one message.
Submitter::Rest Submitter::begin_rest(SendContext::TimePoint now, SendContext::TimePoint opens_at) {
    const bool watches = opens_at > now && opens_at != SendContext::TimePoint::max() && !opening_watched_;
    ++idle_;
    opening_watched_ = opening_watched_ || watches;
    return {watches, Deadline(watches ? opens_at : now + kIdleWait)};
}

void Submitter::end_rest(const Rest& rest) {
    --idle_;
    opening_watched_ = opening_watched_ && !rest.watches;
}

void Submitter::board_changed() {
    for (auto wanted = std::min({context_.board().ready(), idle_, lane_.room()}); wanted > 0; --wanted)
        wake_->notify_one();
}

void Submitter::stopping() {
    apply(lane_.stop(context_.now()));
    wake_->notify_all();
}

} // namespace smsbcast::app
