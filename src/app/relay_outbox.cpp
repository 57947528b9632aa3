#include "smsbcast/app/relay_outbox.hpp"

#include "failure_pause.hpp"
#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace smsbcast::app {

namespace {

using std::chrono::milliseconds;

// Far below what TicketPublisher::publish takes, so that one more claim always fits.
constexpr std::size_t kMaxTicketsPerTurn = 5000;
constexpr milliseconds kFullPause{20};
// Outbox::wait_for_work cannot be interrupted; this is how long a stop waits for it at most.
constexpr milliseconds kWaitSlice{250};

void log_queued(const std::vector<ClaimedTicket>& claimed) {
    if (!log::enabled(log::Level::debug))
        return;
    std::map<BroadcastId, std::pair<std::int64_t, std::int64_t>> counts;
    for (const auto& ticket : claimed) {
        auto& [tickets, messages] = counts[ticket.broadcast];
        ++tickets;
        messages += ticket.messages;
    }
    for (const auto& [broadcast, count] : counts)
        log::debug("tickets_queued",
                   {{"broadcast_id", broadcast}, {"tickets", count.first}, {"messages", count.second}});
}

} // namespace

RelayOutbox::RelayOutbox(Outbox& outbox, TicketPublisher& publisher, Clock& clock, RelayOptions options)
    : outbox_(outbox), publisher_(publisher), clock_(clock), options_(options), depth_(options.depth),
      stopped_(clock.make_signal()) {}

boost::asio::awaitable<void> RelayOutbox::run() {
    while (!stopping_) {
        const Turn last = co_await turn();
        failures_ = last == Turn::failed ? failures_ + 1 : 0;
        if (last != Turn::worked && !stopping_)
            co_await rest(last);
    }
}

void RelayOutbox::stop() {
    stopping_ = true;
    stopped_->notify_all();
}

boost::asio::awaitable<RelayOutbox::Turn> RelayOutbox::turn() {
    // What cannot be published is not claimed: the tickets would only wait for the claim to lapse.
    if (!publisher_.state())
        co_return Turn::failed;
    const Result<OutboxLoad> load = co_await outbox_.load(clock_.in(options_.store_timeout));
    if (!load) {
        log::warn("outbox_not_read", {{"error", load.error()}});
        co_return Turn::failed;
    }
    depth_.observe(clock_.now(), std::exchange(published_, 0), load->queued_messages);
    if (!load->work_due)
        co_return Turn::nothing_due;
    const std::int64_t room = depth_.room(load->queued_messages);
    if (room == 0)
        co_return Turn::queue_full;

    Claim claimed = co_await claim(room);
    chaos::failpoint("outbox.after_claim");
    if (claimed.tickets.empty())
        co_return claimed.failed ? Turn::failed : Turn::nothing_due;
    auto publishing = publish(std::move(claimed.tickets));
    const bool all_queued = co_await std::move(publishing);
    co_return all_queued && !claimed.failed ? Turn::worked : Turn::failed;
}

// Several claims go out together, so the round trips of a turn are spread over all that the queue has room for.
boost::asio::awaitable<RelayOutbox::Claim> RelayOutbox::claim(std::int64_t room) {
    Claim claim;
    // The first claim must be published and marked well before it lapses.
    const auto enough_time = clock_.now() + options_.claim_lease / 4;
    while (room > 0 && !stopping_ && claim.tickets.size() < kMaxTicketsPerTurn && clock_.now() < enough_time) {
        const int most = static_cast<int>(std::min<std::int64_t>(room, options_.batch_messages));
        const Result<std::vector<ClaimedTicket>> batch =
            co_await outbox_.claim(most, options_.claim_lease, clock_.in(options_.store_timeout));
        if (!batch) {
            log::warn("tickets_not_claimed", {{"error", batch.error()}});
            claim.failed = true;
            break;
        }
        std::int64_t messages = 0;
        for (const auto& ticket : *batch)
            messages += ticket.messages;
        claim.tickets.insert(claim.tickets.end(), batch->begin(), batch->end());
        room -= messages;
        if (messages < most)
            break;
    }
    co_return claim;
}

boost::asio::awaitable<bool> RelayOutbox::publish(std::vector<ClaimedTicket> claimed) {
    std::vector<TicketRef> refs;
    refs.reserve(claimed.size());
    for (const auto& ticket : claimed)
        refs.push_back(ticket.ref);
    std::vector<PublishOutcome> outcomes;
    if (!stopping_) {
        if (chaos::mutant("mark_before_publish"))
            co_await outbox_.mark_queued(refs, clock_.in(options_.store_timeout));
        chaos::failpoint("outbox.before_publish");
        auto publishing = publisher_.publish(refs, clock_.in(options_.confirm_timeout));
        Result<std::vector<PublishOutcome>> published = co_await std::move(publishing);
        chaos::failpoint("outbox.after_confirm");
        if (published)
            outcomes = std::move(*published);
        else
            log::warn("tickets_not_published", {{"tickets", refs.size()}, {"error", published.error()}});
    }
    outcomes.resize(refs.size(), PublishOutcome::unsettled);

    std::vector<TicketRef> others;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < refs.size(); ++i) {
        if (outcomes[i] != PublishOutcome::confirmed) {
            others.push_back(refs[i]);
            continue;
        }
        published_ += claimed[i].messages;
        refs[kept] = refs[i];
        claimed[kept++] = claimed[i];
    }
    refs.resize(kept);
    claimed.resize(kept);
    log_queued(claimed);
    auto settling = settle(std::move(refs), std::move(others));
    co_return co_await std::move(settling);
}

// A failure here needs no repair: the claims lapse by themselves, and what is in the queue already and published once
// more then is taken once only.
boost::asio::awaitable<bool> RelayOutbox::settle(std::vector<TicketRef> confirmed, std::vector<TicketRef> others) {
    bool settled = others.empty();
    if (!confirmed.empty()) {
        auto marking = outbox_.mark_queued(std::move(confirmed), clock_.in(options_.store_timeout));
        const Result<void> marked = co_await std::move(marking);
        if (!marked)
            log::warn("tickets_not_marked", {{"error", marked.error()}});
        settled = settled && marked;
        chaos::failpoint("outbox.after_mark");
    }
    if (!others.empty()) {
        log::info("tickets_released", {{"tickets", others.size()}, {"stopping", stopping_}});
        auto releasing = outbox_.release(std::move(others), clock_.in(options_.store_timeout));
        const Result<void> released = co_await std::move(releasing);
        if (!released)
            log::warn("tickets_not_released", {{"error", released.error()}});
    }
    co_return settled;
}

boost::asio::awaitable<void> RelayOutbox::rest(Turn last) {
    if (last == Turn::nothing_due) {
        co_await wait_for_work();
        co_return;
    }
    const Deadline until = clock_.in(last == Turn::failed ? failure_pause(failures_) : kFullPause);
    while (!stopping_ && clock_.now() < until.at())
        co_await stopped_->wait(until);
}

boost::asio::awaitable<void> RelayOutbox::wait_for_work() {
    const Deadline until = clock_.in(options_.poll_interval);
    while (!stopping_ && clock_.now() < until.at()) {
        const Deadline slice = earlier(until, clock_.in(kWaitSlice));
        co_await outbox_.wait_for_work(slice);
        if (clock_.now() < slice.at())
            co_return;
    }
}

} // namespace smsbcast::app
