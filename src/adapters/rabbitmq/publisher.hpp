#pragma once

#include "amqp_thread.hpp"
#include "publish_link.hpp"

#include "smsbcast/ports/message_queue.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace smsbcast::adapters::rabbitmq {

/// The shard's half of publishing: hands batches to the thread and waits for their news. Errors and
/// outcomes are those of TicketPublisher.
class RabbitPublisher final : public TicketPublisher {
public:
    RabbitPublisher(boost::asio::io_context& shard, AmqpThread::Options options, const Uuid& installation,
                    std::chrono::milliseconds confirm_timeout);

    boost::asio::awaitable<Result<std::vector<PublishOutcome>>> publish(std::vector<TicketRef> tickets,
                                                                        Deadline deadline) override;
    boost::asio::awaitable<Result<std::int64_t>> waiting(Deadline deadline) override {
        return ask(Asked::sent, deadline);
    }
    boost::asio::awaitable<Result<ParkedTickets>> parked(Deadline deadline) override;
    Result<void> state() const override { return state_->link; }
    boost::asio::awaitable<void> stop(Deadline deadline) override;

private:
    struct Batch {
        std::vector<std::optional<Outcome>> outcomes;
        std::size_t open;
    };

    /// Everything that news from the thread touches. News may arrive after the publisher is gone,
    /// so they own it too.
    struct State {
        explicit State(boost::asio::io_context& shard) : changed(shard) {}

        Result<void> link = Errc::unavailable;
        std::uint64_t next_id = 0;
        std::size_t open_tickets = 0;
        std::unordered_map<std::uint64_t, Batch> batches;
        std::unordered_map<std::uint64_t, std::optional<Result<std::int64_t>>> questions;
        runtime::Wakeup changed;

        void take(const PublishNews& news);
    };

    static std::function<void(PublishNews)> teller(boost::asio::io_context& shard, std::shared_ptr<State> state);
    static Result<std::vector<PublishOutcome>> conclude(const Batch& batch);
    boost::asio::awaitable<Result<std::int64_t>> ask(Asked queue, Deadline deadline);

    const std::string parked_;
    std::shared_ptr<State> state_;
    PublishLink link_;
    AmqpThread thread_;
};

} // namespace smsbcast::adapters::rabbitmq
