#include "failure_pause.hpp"
#include "send_messages_state.hpp"
#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <algorithm>
#include <map>

namespace smsbcast::app {

namespace {

using std::chrono::milliseconds;

// TicketConsumer::receive cannot be interrupted; this is how long a stop waits for it at most.
constexpr milliseconds kIntakeSlice{500};

std::vector<TicketRef> refs_of(std::span<const Delivery> deliveries) {
    std::vector<TicketRef> refs;
    refs.reserve(deliveries.size());
    for (const auto& delivery : deliveries)
        refs.push_back(delivery.ticket);
    std::sort(refs.begin(), refs.end());
    refs.erase(std::unique(refs.begin(), refs.end()), refs.end());
    return refs;
}

std::vector<DeliveryTag> tags_of(std::span<const Delivery> deliveries) {
    std::vector<DeliveryTag> tags;
    tags.reserve(deliveries.size());
    for (const auto& delivery : deliveries)
        tags.push_back(delivery.tag);
    return tags;
}

Handover handover_by(UnknownPolicy policy) {
    switch (policy) {
    case UnknownPolicy::resend_same_key: return Handover::at_once;
    case UnknownPolicy::resend: return Handover::flagged;
    case UnknownPolicy::wait_then_fail: break;
    }
    return Handover::after_mark;
}

} // namespace

boost::asio::awaitable<void> SendMessages::State::take() {
    taking = true;
    int failures = 0;
    while (!stopping) {
        co_await wait_while_open();
        if (stopping)
            break;
        Result<std::vector<Delivery>> deliveries = co_await consumer.receive(clock.in(kIntakeSlice));
        if (!deliveries && deliveries.error() == Errc::stopping)
            break;
        failures = deliveries ? 0 : failures + 1;
        if (!deliveries) {
            log::warn("tickets_not_received", {{"error", deliveries.error()}});
            co_await taker->wait(clock.in(failure_pause(failures)));
        } else if (!deliveries->empty()) {
            auto taking_all = take_all(std::move(*deliveries));
            co_await std::move(taking_all);
        }
    }
    co_await consumer.stop_intake(within(options.store_timeout));
    taking = false;
    board_changed();
}

// What could not go out stays with the queue and the outbox, for a worker whose provider is there.
boost::asio::awaitable<void> SendMessages::State::wait_while_open() {
    while (!stopping && !may_take())
        co_await taker->wait(Deadline(breaker.open_until()));
}

boost::asio::awaitable<void> SendMessages::State::take_all(std::vector<Delivery> deliveries) {
    // What the queue delivers again although it is here: the store is not asked, since by the time of its answer it may
    // have been finished, and would be sent again.
    std::erase_if(deliveries, [this](const Delivery& delivery) {
        return board.add_delivery({delivery.ticket.id, delivery.ticket.fence + 1}, delivery.tag);
    });
    if (deliveries.empty())
        co_return;
    const auto handover = handover_by(options.retry.unknown_policy);
    if (chaos::mutant("ack_before_take"))
        consumer.acknowledge(tags_of(deliveries));
    chaos::failpoint("worker.before_take");
    for (int failures = 1;; ++failures) {
        co_await wait_while_open();
        if (stopping)
            break;
        const auto asked_at = clock.now();
        auto asking = store.take(refs_of(deliveries), worker, options.lease, handover, within(options.store_timeout));
        Result<std::vector<TakenTicket>> taken = co_await std::move(asking);
        chaos::failpoint("worker.after_take");
        if (taken) {
            place(deliveries, std::move(*taken), asked_at);
            co_return;
        }
        log::warn("tickets_not_taken", {{"tickets", deliveries.size()}, {"error", taken.error()}});
        co_await taker->wait(clock.in(failure_pause(failures)));
    }
    consumer.requeue(tags_of(deliveries));
}

void SendMessages::State::place(std::span<const Delivery> deliveries, std::vector<TakenTicket> taken,
                                TimePoint asked_at) {
    std::map<TicketRef, TakenTicket*> ours;
    for (auto& ticket : taken)
        ours.emplace(TicketRef{ticket.ref.id, ticket.ref.fence - 1}, &ticket);
    std::vector<DeliveryTag> not_ours;
    for (const auto& delivery : deliveries) {
        const auto found = ours.find(delivery.ticket);
        if (found == ours.end()) {
            not_ours.push_back(delivery.tag);
            continue;
        }
        TakenTicket& ticket = *found->second;
        log::debug("ticket_taken", {{"broadcast_id", ticket.broadcast},
                                    {"ticket_id", ticket.ref.id},
                                    {"attempt", ticket.ref.fence},
                                    {"messages", ticket.messages.size()}});
        SendBoard::Validity validity{asked_at + options.lease - kLeaseMargin, asked_at + options.state_trust};
        if (ticket.expires_in)
            validity.expires_at = asked_at + *ticket.expires_in;
        board.add(std::move(ticket), delivery.tag, validity);
        ours.erase(found);
    }
    if (!not_ours.empty()) {
        // Ordinary: published twice, or taken back by a pause.
        passed_over += static_cast<std::int64_t>(not_ours.size());
        log::debug("tickets_passed_over", {{"tickets", not_ours.size()}, {"total", passed_over}});
        consumer.acknowledge(std::move(not_ours));
    }
    if (breaker.state() == Circuit::open)
        give_back_all();
    board_changed();
}

} // namespace smsbcast::app
