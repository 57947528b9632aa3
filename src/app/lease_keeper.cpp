#include "lease_keeper.hpp"

#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <algorithm>

namespace smsbcast::app {

namespace {

constexpr std::chrono::milliseconds kRenewAgain{1000};

// What is left of a stop, when submissions are given up, for recording what they came to.
constexpr std::chrono::milliseconds kRecordingTime{1000};

} // namespace

LeaseKeeper::LeaseKeeper(SendContext& context, TicketStore& store, ProviderLane& lane, Submitter& submitter)
    : context_(context), store_(store), lane_(lane), submitter_(submitter), wake_(context.clock().make_signal()) {}

boost::asio::awaitable<void> LeaseKeeper::run() {
    const SendOptions& options = context_.options();
    auto renew_at = context_.now() + options.lease / 3;
    auto check_at = context_.now() + options.state_check;
    while (!context_.over()) {
        co_await wake_->wait(earlier(earlier(Deadline(std::min(renew_at, check_at)), give_up_at_), context_.stop_by()));
        if (context_.now() >= give_up_at_.at())
            co_await give_up_submissions();
        submitter_.apply(lane_.settle_disputes(context_.now()));
        if (context_.now() >= check_at) {
            check_at = context_.now() + options.state_check;
            co_await check();
        }
        if (context_.now() >= renew_at) {
            const auto begun = context_.now();
            const bool renewed = co_await renew();
            renew_at = renewed ? begun + options.lease / 3 : context_.now() + kRenewAgain;
        }
    }
    co_await give_up_submissions();
}

void LeaseKeeper::board_changed() {
    if (context_.over())
        wake_->notify_all();
}

void LeaseKeeper::stopping() {
    give_up_at_ = Deadline(context_.stop_by().at() - kRecordingTime);
    wake_->notify_all();
}

boost::asio::awaitable<void> LeaseKeeper::give_up_submissions() {
    if (context_.board().in_flight() > 0)
        log::warn("submissions_abandoned", {{"submissions", context_.board().in_flight()}});
    give_up_at_ = Deadline(SendContext::TimePoint::max());
    co_await lane_.provider().stop(Deadline(context_.now()));
}

boost::asio::awaitable<void> LeaseKeeper::check() {
    const SendOptions& options = context_.options();
    const std::vector<BroadcastId> asked = context_.board().broadcasts();
    if (asked.empty())
        co_return;
    const auto asked_at = context_.now();
    auto asking = store_.not_running(asked, context_.within(std::min(options.store_timeout, options.state_trust)));
    const Result<std::vector<BroadcastId>> halted = co_await std::move(asking);
    if (!halted) {
        log::warn("broadcasts_not_checked", {{"broadcasts", asked.size()}, {"error", halted.error()}});
        co_return;
    }
    for (const auto& broadcast : *halted)
        log::info("broadcast_halted", {{"broadcast_id", broadcast}});
    context_.board().checked(asked, *halted, asked_at + options.state_trust);
    context_.board_changed();
}

boost::asio::awaitable<bool> LeaseKeeper::renew() {
    const SendOptions& options = context_.options();
    const std::vector<TicketRef> asked = context_.board().held();
    chaos::failpoint("worker.before_renew");
    if (asked.empty())
        co_return true;
    const auto asked_at = context_.now();
    // Shorter than other calls, so that there are several tries before the leases run out.
    const Deadline deadline = context_.within(std::min(options.store_timeout, options.lease / 6));
    auto asking = store_.renew(asked, options.lease, deadline);
    const Result<LeaseReport> report = co_await std::move(asking);
    if (!report) {
        log::warn("leases_not_renewed", {{"tickets", asked.size()}, {"error", report.error()}});
        co_return false;
    }
    const std::size_t lost = context_.board().renewed(asked, *report, asked_at + options.lease - kLeaseMargin);
    if (lost > 0)
        log::warn("leases_lost", {{"tickets", lost}});
    context_.board_changed();
    co_return true;
}

} // namespace smsbcast::app
