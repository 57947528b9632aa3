#include "smsbcast/roles/backend.hpp"

#include "smsbcast/adapters/inprocess/inprocess.hpp"
#include "smsbcast/adapters/rabbitmq/rabbitmq.hpp"

#include <fmt/format.h>

namespace smsbcast::roles {

namespace inprocess = adapters::inprocess;
namespace rabbitmq = adapters::rabbitmq;

namespace {

// Far above what the relay lets wait, whatever the size of the tickets.
constexpr std::size_t kCapacity = 2 * kMaxPublishedAtOnce;

class RabbitmqBackend final : public QueueBackend {
public:
    explicit RabbitmqBackend(const config::Config& config) : config_(config.amqp) {}

    std::unique_ptr<TicketPublisher> publisher(boost::asio::io_context& shard, std::string_view role,
                                               const Uuid& installation) const override {
        return rabbitmq::make_ticket_publisher(shard, params(role, installation));
    }
    std::unique_ptr<TicketConsumer> consumer(boost::asio::io_context& shard, std::string_view role,
                                             const Uuid& installation) const override {
        return rabbitmq::make_ticket_consumer(shard, params(role, installation));
    }
    bool begins_empty() const override { return false; }

private:
    rabbitmq::RabbitParams params(std::string_view role, const Uuid& installation) const {
        return {.url = config_.url.reveal(),
                .connection_name = fmt::format("smsbcast-{}", role),
                .role = std::string(role),
                .installation = installation,
                .queue_prefix = config_.prefix,
                .prefetch = static_cast<int>(config_.prefetch),
                .heartbeat = config_.heartbeat,
                .confirm_timeout = config_.confirm_timeout};
    }

    const config::Amqp& config_;
};

class InprocessBackend final : public QueueBackend {
public:
    explicit InprocessBackend(const config::Config& config)
        : config_(config.amqp), queue_(inprocess::make_ticket_queue(kCapacity)) {}

    // Nobody else's tickets can come here.
    std::unique_ptr<TicketPublisher> publisher(boost::asio::io_context& shard, std::string_view,
                                               const Uuid&) const override {
        return inprocess::make_ticket_publisher(shard, queue_);
    }
    std::unique_ptr<TicketConsumer> consumer(boost::asio::io_context& shard, std::string_view,
                                             const Uuid&) const override {
        return inprocess::make_ticket_consumer(shard, queue_, config_.prefetch);
    }
    bool begins_empty() const override { return true; }

private:
    const config::Amqp& config_;
    std::shared_ptr<inprocess::TicketQueue> queue_;
};

} // namespace

std::unique_ptr<QueueBackend> make_rabbitmq_backend(const config::Config& config) {
    return std::make_unique<RabbitmqBackend>(config);
}

std::unique_ptr<QueueBackend> make_inprocess_backend(const config::Config& config) {
    return std::make_unique<InprocessBackend>(config);
}

} // namespace smsbcast::roles
