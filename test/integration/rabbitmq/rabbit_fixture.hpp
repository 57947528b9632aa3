#pragma once

#include "broker.hpp"
#include "log_capture.hpp"

#include "contract/message_queue_suite.hpp"
#include "smsbcast/adapters/rabbitmq/rabbitmq.hpp"
#include "smsbcast/base/uuid.hpp"

namespace smsbcast::test::queue {

/// Queues of a name of their own, deleted at the end.
class RabbitFixture : public QueueFixture {
public:
    RabbitFixture() {
        params.url = amqp_url();
        params.installation = new_uuid();
        params.queue_prefix = "test-" + to_string(new_uuid());
        params.connection_name = params.queue_prefix;
        // Long, so that nothing is given up because the machine is busy; a check that waits for it says for how long.
        params.heartbeat = 30s;
        params.connect_timeout = params.confirm_timeout = params.call_timeout = 2 * kPatience;
    }

    ~RabbitFixture() override {
        Broker broker;
        broker.delete_queue(send_queue());
        broker.delete_queue(parked_queue());
        broker.delete_exchange(params.queue_prefix);
        broker.delete_exchange(params.queue_prefix + ".dlx");
    }

    std::unique_ptr<TicketPublisher> make_publisher(runtime::asio::io_context& shard) override {
        return adapters::rabbitmq::make_ticket_publisher(shard, params);
    }

    std::unique_ptr<TicketConsumer> make_consumer(runtime::asio::io_context& shard, int prefetch) override {
        params.prefetch = prefetch;
        return adapters::rabbitmq::make_ticket_consumer(shard, params);
    }

    std::string send_queue() const { return params.queue_prefix + ".send"; }
    std::string parked_queue() const { return params.queue_prefix + ".parked"; }

    adapters::rabbitmq::RabbitParams params;
    LogCapture log;
};

/// Runs `body` with a fixture of its own, and shows what was logged when it fails.
inline void run_rabbit_check(Awaitable<> (*body)(QueueShard&, RabbitFixture&)) {
    RabbitFixture fixture;
    try {
        run_queue_check([&](QueueShard& shard) { return body(shard, fixture); });
    } catch (...) {
        UNSCOPED_INFO(fixture.log.text());
        throw;
    }
}

inline std::chrono::milliseconds since(Deadline::Clock::time_point begin) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Deadline::Clock::now() - begin);
}

} // namespace smsbcast::test::queue
