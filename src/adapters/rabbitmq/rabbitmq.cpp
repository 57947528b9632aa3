#include "smsbcast/adapters/rabbitmq/rabbitmq.hpp"

#include "consumer.hpp"
#include "endpoint.hpp"
#include "publisher.hpp"

#include <stdexcept>

namespace smsbcast::adapters::rabbitmq {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMaxPublishCommands = 1000;

void require(bool good, const char* sentence) {
    if (!good)
        throw std::invalid_argument(sentence);
}

AmqpThread::Options make_options(const RabbitParams& params, std::string_view direction, std::size_t max_commands) {
    require(is_good_prefix(params.queue_prefix), "the queue prefix must be 1 to 200 letters, digits, '.', '_' or '-', "
                                                 "and not begin with 'amq.'");
    require(params.prefetch >= 1 && params.prefetch <= 65535, "the prefetch must be 1 to 65535");
    require(params.heartbeat >= 1s && params.heartbeat <= 1h, "the heartbeat must be 1 s to 1 h");
    require(params.connect_timeout > 0ms && params.confirm_timeout > 0ms && params.call_timeout > 0ms,
            "timeouts must be longer than nothing");
    return {{parse_amqp_url(params.url).value(), params.connection_name + ' ' + std::string(direction),
             params.heartbeat, params.connect_timeout},
            params.role.empty() ? params.connection_name : params.role,
            Topology(params.queue_prefix),
            params.call_timeout,
            max_commands};
}

} // namespace

std::unique_ptr<TicketPublisher> make_ticket_publisher(boost::asio::io_context& shard, RabbitParams params) {
    return std::make_unique<RabbitPublisher>(shard, make_options(params, "publisher", kMaxPublishCommands),
                                             params.confirm_timeout);
}

std::unique_ptr<TicketConsumer> make_ticket_consumer(boost::asio::io_context& shard, RabbitParams params) {
    // One command for each unsettled delivery and one for the end of the intake.
    const auto max_commands = static_cast<std::size_t>(params.prefetch) + 1;
    return std::make_unique<RabbitConsumer>(shard, make_options(params, "consumer", max_commands), params.prefetch);
}

} // namespace smsbcast::adapters::rabbitmq
