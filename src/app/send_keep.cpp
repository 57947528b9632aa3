#include "send_messages_state.hpp"
#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <algorithm>

namespace smsbcast::app {

namespace {
constexpr std::chrono::milliseconds kRenewAgain{1000};
} // namespace

// Goes on while stop() drains: what is on its way must still be ours when its result is written.
boost::asio::awaitable<void> SendMessages::State::keep() {
    auto renew_at = clock.now() + options.lease / 3;
    auto check_at = clock.now() + options.state_check;
    while (!over()) {
        co_await keeper->wait(earlier(earlier(Deadline(std::min(renew_at, check_at)), abandon_at), stop_by));
        if (clock.now() >= abandon_at.at())
            abandon();
        settle_disputes();
        if (clock.now() >= check_at) {
            check_at = clock.now() + options.state_check;
            co_await check();
        }
        if (clock.now() >= renew_at) {
            const auto begun = clock.now();
            const bool renewed = co_await renew();
            renew_at = renewed ? begun + options.lease / 3 : clock.now() + kRenewAgain;
        }
    }
    abandon();
}

void SendMessages::State::abandon() {
    if (board.in_flight() > 0)
        log::warn("submissions_abandoned", {{"submissions", board.in_flight()}});
    abandon_at = Deadline(TimePoint::max());
    provider.abandon();
}

boost::asio::awaitable<void> SendMessages::State::check() {
    const std::vector<BroadcastId> asked = board.broadcasts();
    if (asked.empty())
        co_return;
    const auto asked_at = clock.now();
    auto asking = store.not_running(asked, within(std::min(options.store_timeout, options.state_trust)));
    const Result<std::vector<BroadcastId>> halted = co_await std::move(asking);
    if (!halted) {
        log::warn("broadcasts_not_checked", {{"broadcasts", asked.size()}, {"error", halted.error()}});
        co_return;
    }
    for (const auto& broadcast : *halted)
        log::info("broadcast_halted", {{"broadcast_id", broadcast}});
    board.checked(asked, *halted, asked_at + options.state_trust);
    board_changed();
}

boost::asio::awaitable<bool> SendMessages::State::renew() {
    const std::vector<TicketRef> asked = board.held();
    chaos::failpoint("worker.before_renew");
    if (asked.empty())
        co_return true;
    const auto asked_at = clock.now();
    // Shorter than other calls, so that there are several tries before the leases run out.
    const Deadline deadline = within(std::min(options.store_timeout, options.lease / 6));
    auto asking = store.renew(asked, options.lease, deadline);
    const Result<LeaseReport> report = co_await std::move(asking);
    if (!report) {
        log::warn("leases_not_renewed", {{"tickets", asked.size()}, {"error", report.error()}});
        co_return false;
    }
    const std::size_t lost = board.renewed(asked, *report, asked_at + options.lease - kLeaseMargin);
    if (lost > 0)
        log::warn("leases_lost", {{"tickets", lost}});
    board_changed();
    co_return true;
}

} // namespace smsbcast::app
