#include "smsbcast/adapters/rabbitmq/rabbitmq.hpp"

#include "consumer.hpp"
#include "endpoint.hpp"
#include "publisher.hpp"

#include <stdexcept>

namespace smsbcast::adapters::rabbitmq {

using namespace std::chrono_literals;

namespace {

// Each command is a batch or a question of a coroutine that waits for it; the relay has a few at a
// time.
constexpr std::size_t kMaxPublishCommands = 1000;

void require(bool good, const char* sentence) {
    if (!good)
        throw std::invalid_argument(sentence);
}

// Everything is checked before the thread starts, so that a wrong parameter is an exception here
// and not a connection that never comes.
AmqpThread::Options make_options(const RabbitParams& params, std::string_view direction, std::size_t max_commands) {
    require(!params.installation.is_nil(), "the installation's id must not be nil");
    const auto prefix = params.queue_prefix.empty() ? default_prefix(params.installation) : params.queue_prefix;
    require(is_good_prefix(prefix), "the queue prefix must be up to 200 letters, digits, '.', '_' or '-', and must not "
                                    "begin with 'amq.'");
    require(params.prefetch >= 1 && params.prefetch <= 65535, "the prefetch must be 1 to 65535");
    require(params.heartbeat >= 1s && params.heartbeat <= 1h, "the heartbeat must be 1 s to 1 h");
    require(params.connect_timeout > 0ms && params.confirm_timeout > 0ms && params.call_timeout > 0ms,
            "timeouts must be longer than nothing");
    return {{parse_amqp_url(params.url).value(), params.connection_name + ' ' + std::string(direction),
             params.heartbeat, params.connect_timeout},
            params.role.empty() ? params.connection_name : params.role,
            Topology(prefix),
            params.call_timeout,
            max_commands};
}

} // namespace

std::string default_prefix(const Uuid& installation) {
    constexpr std::size_t kDigits = 12;
    const auto text = to_string(installation);
    return "smsbcast." + text.substr(text.size() - kDigits);
}

std::unique_ptr<TicketPublisher> make_ticket_publisher(boost::asio::io_context& shard, RabbitParams params) {
    return std::make_unique<RabbitPublisher>(shard, make_options(params, "publisher", kMaxPublishCommands),
                                             params.installation, params.confirm_timeout);
}

std::unique_ptr<TicketConsumer> make_ticket_consumer(boost::asio::io_context& shard, RabbitParams params) {
    // At most each unsettled delivery has a command of its own, and the end of the intake one more.
    // So an acknowledgement always finds room.
    const auto max_commands = static_cast<std::size_t>(params.prefetch) + 1;
    return std::make_unique<RabbitConsumer>(shard, make_options(params, "consumer", max_commands), params.installation,
                                            params.prefetch);
}

} // namespace smsbcast::adapters::rabbitmq
