#include "ticket_taker.hpp"

#include "failure_pause.hpp"
#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <algorithm>
#include <map>
#include <utility>

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

TicketTaker::TicketTaker(SendContext& context, TicketConsumer& consumer, TicketStore& store, ProviderLane& lane,
                         ResultRecorder& recorder, WorkerId worker)
    : context_(context), consumer_(consumer), store_(store), lane_(lane), recorder_(recorder), worker_(worker),
      wake_(context.clock().make_signal()) {}

boost::asio::awaitable<void> TicketTaker::run() {
    context_.set_taking(true);
    int failures = 0;
    while (!context_.stopping()) {
        co_await wait_while_open();
        if (context_.stopping())
            break;
        Result<std::vector<Delivery>> deliveries = co_await consumer_.receive(context_.clock().in(kIntakeSlice));
        if (!deliveries && deliveries.error() == Errc::stopping)
            break;
        failures = deliveries ? 0 : failures + 1;
        if (!deliveries) {
            log::warn("tickets_not_received", {{"error", deliveries.error()}});
            co_await wake_->wait(context_.clock().in(failure_pause(failures)));
        } else if (!deliveries->empty()) {
            auto taking = take(std::move(*deliveries));
            co_await std::move(taking);
        }
    }
    co_await consumer_.stop_intake(context_.within(context_.options().store_timeout));
    context_.set_taking(false);
    context_.board_changed();
}

boost::asio::awaitable<void> TicketTaker::wait_while_open() {
    while (!context_.stopping() && !lane_.may_take(context_.now()))
        co_await wake_->wait(Deadline(lane_.may_take_at()));
}

boost::asio::awaitable<void> TicketTaker::take(std::vector<Delivery> deliveries) {
    // What the queue delivers again although it is here: the store is not asked, since by the time of its answer it may
    // have been finished, and would be sent again.
    std::erase_if(deliveries, [this](const Delivery& delivery) {
        return context_.board().add_delivery({delivery.ticket.id, delivery.ticket.fence + 1}, delivery.tag);
    });
    if (deliveries.empty())
        co_return;
    const auto& options = context_.options();
    const auto handover = handover_by(lane_.options().retry.unknown_policy);
    if (chaos::mutant("ack_before_take"))
        consumer_.acknowledge(tags_of(deliveries));
    chaos::failpoint("worker.before_take");
    for (int failures = 1;; ++failures) {
        co_await wait_while_open();
        if (context_.stopping())
            break;
        const auto asked_at = context_.now();
        auto asking =
            store_.take(refs_of(deliveries), worker_, options.lease, handover, context_.within(options.store_timeout));
        Result<std::vector<TakenTicket>> taken = co_await std::move(asking);
        chaos::failpoint("worker.after_take");
        if (taken) {
            place(deliveries, std::move(*taken), asked_at);
            co_return;
        }
        log::warn("tickets_not_taken", {{"tickets", deliveries.size()}, {"error", taken.error()}});
        co_await wake_->wait(context_.clock().in(failure_pause(failures)));
    }
    consumer_.requeue(tags_of(deliveries));
}

void TicketTaker::place(std::span<const Delivery> deliveries, std::vector<TakenTicket> taken,
                        SendContext::TimePoint asked_at) {
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
        put_on_board(std::move(*found->second), delivery.tag, asked_at);
        ours.erase(found);
    }
    if (!not_ours.empty()) {
        // Ordinary: published twice, or taken back by a pause.
        passed_over_ += static_cast<std::int64_t>(not_ours.size());
        log::debug("tickets_passed_over", {{"tickets", not_ours.size()}, {"total", passed_over_}});
        consumer_.acknowledge(std::move(not_ours));
    }
    if (lane_.circuit() == Circuit::open)
        recorder_.give_back_all();
    context_.board_changed();
}

void TicketTaker::put_on_board(TakenTicket ticket, DeliveryTag tag, SendContext::TimePoint asked_at) {
    log::debug("ticket_taken", {{"broadcast_id", ticket.broadcast},
                                {"ticket_id", ticket.ref.id},
                                {"attempt", ticket.ref.fence},
                                {"messages", ticket.messages.size()}});
    const auto& options = context_.options();
    SendBoard::Validity validity{asked_at + options.lease - kLeaseMargin, asked_at + options.state_trust};
    if (ticket.expires_in)
        validity.expires_at = asked_at + *ticket.expires_in;
    context_.board().add(std::move(ticket), tag, validity);
}

} // namespace smsbcast::app
