#pragma once

#include "result_recorder.hpp"
#include "send_context.hpp"
#include "smsbcast/app/provider_lane.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace smsbcast::app {

/// Deliveries of a lane's queue become tickets on the board, under a lease. While the circuit is open nothing is
/// taken: what could not go out stays with the queue and the outbox, for a worker whose provider is there.
class TicketTaker final : public SendLoop {
public:
    TicketTaker(SendContext& context, TicketConsumer& consumer, TicketStore& store, ProviderLane& lane,
                ResultRecorder& recorder, WorkerId worker);

    /// Until stop(), and then ends the intake.
    boost::asio::awaitable<void> run();

    void circuit_closed() override { wake_->notify_all(); }
    void stopping() override { wake_->notify_all(); }

private:
    boost::asio::awaitable<void> wait_while_open();
    boost::asio::awaitable<void> take(std::vector<Delivery> deliveries);
    void place(std::span<const Delivery> deliveries, std::vector<TakenTicket> taken, SendContext::TimePoint asked_at);
    void put_on_board(TakenTicket ticket, DeliveryTag tag, SendContext::TimePoint asked_at);

    SendContext& context_;
    TicketConsumer& consumer_;
    TicketStore& store_;
    ProviderLane& lane_;
    ResultRecorder& recorder_;
    WorkerId worker_;
    std::unique_ptr<Signal> wake_;
    std::int64_t passed_over_ = 0; ///< deliveries of tickets that the store gave nobody
};

} // namespace smsbcast::app
