#pragma once

#include "amqp_thread.hpp"
#include "consume_link.hpp"
#include "delivery_ledger.hpp"

#include "smsbcast/ports/message_queue.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace smsbcast::adapters::rabbitmq {

/// The shard's half of consuming: keeps what was delivered until it is asked for, and knows what is not settled.
class RabbitConsumer final : public TicketConsumer {
public:
    RabbitConsumer(boost::asio::io_context& shard, AmqpThread::Options options, const Uuid& installation, int prefetch);

    boost::asio::awaitable<Result<std::vector<Delivery>>> receive(Deadline deadline) override;
    void acknowledge(std::vector<DeliveryTag> tags) override { settle(Settle::acknowledge, tags); }
    void requeue(std::vector<DeliveryTag> tags) override { settle(Settle::requeue, tags); }
    bool connected() const override { return state_->connected; }
    boost::asio::awaitable<void> stop_intake(Deadline deadline) override;
    boost::asio::awaitable<void> stop(Deadline deadline) override;

private:
    /// Everything that news from the thread touches. News may arrive after the consumer is gone, so
    /// they own it too.
    struct State {
        explicit State(boost::asio::io_context& shard) : changed(shard) {}

        bool connected = false;
        bool stopping = false; ///< no delivery is handed out any more
        bool intake_ended = false;
        std::uint64_t connection = 0;
        std::vector<Delivery> ready;
        DeliveryLedger ledger;
        runtime::Wakeup changed;

        void take(ConsumeNews news);
    };

    static std::function<void(ConsumeNews)> teller(boost::asio::io_context& shard, std::shared_ptr<State> state);
    void settle(Settle how, const std::vector<DeliveryTag>& tags);
    void end_intake();
    void give_back_ready();

    std::shared_ptr<State> state_;
    ConsumeLink link_;
    AmqpThread thread_;
};

} // namespace smsbcast::adapters::rabbitmq
