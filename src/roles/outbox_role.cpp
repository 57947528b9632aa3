#include "make.hpp"
#include "rabbit_params.hpp"

#include "smsbcast/adapters/rabbitmq/rabbitmq.hpp"
#include "smsbcast/adapters/system/system_clock.hpp"
#include "smsbcast/app/relay_outbox.hpp"
#include "smsbcast/app/sweep.hpp"

namespace smsbcast::roles {

namespace pg = adapters::postgres;
using namespace std::chrono_literals;

namespace {

// A claim or a mark that a crash of the server takes back is made again, and a ticket published twice is taken once.
pg::PostgresParams relay_params(const config::Config& config) {
    auto params = postgres_params(config, "outbox");
    params.synchronous_commit = false;
    return params;
}

class OutboxRole final : public runtime::Service {
public:
    OutboxRole(const config::Config& config, boost::asio::io_context& shard)
        : config_(config), frame_(shard, config, "outbox"),
          relay_database_(pg::make_database(shard, relay_params(config))),
          sweep_database_(pg::make_database(shard, postgres_params(config, "outbox"))),
          outbox_(pg::make_outbox(relay_database_)), housekeeping_(pg::make_housekeeping(sweep_database_)),
          publisher_(adapters::rabbitmq::make_ticket_publisher(shard, rabbit_params(config, "outbox"))),
          clock_(adapters::system::make_clock(shard)),
          relay_(*outbox_, *publisher_, *clock_,
                 {.batch_messages = static_cast<int>(config.outbox.batch_size),
                  .poll_interval = config.outbox.poll_interval,
                  .claim_lease = config.outbox.claim_lease,
                  .confirm_timeout = config.amqp.confirm_timeout,
                  .depth = {.min_messages = static_cast<std::int64_t>(config.outbox.queue_min_messages),
                            .max_messages = static_cast<std::int64_t>(config.outbox.queue_max_messages),
                            .ahead = config.outbox.queue_ahead}}),
          sweep_(*housekeeping_, *publisher_, *clock_,
                 {.interval = config.outbox.sweep_interval,
                  .queued_recheck = config.outbox.queued_recheck,
                  .resolve_within = config.provider.resolve_within,
                  .inbox_retention = config.outbox.inbox_retention}) {}

    Awaitable<Result<void>> start() override {
        const auto listening = frame_.listen(config_.outbox.http_addr);
        if (!listening)
            co_return listening;
        const auto schema = co_await frame_.await_schema(sweep_database_);
        if (!schema)
            co_return schema;
        frame_.watch("database", [this] { return pg::check_schema(sweep_database_, Deadline::after(2s)); });
        frame_.watch("queue", [this] { return queue_state(); });
        frame_.tasks().spawn("relay", [this] { return relay_.run(); });
        frame_.tasks().spawn("sweep", [this] { return sweep_.run(); });
        frame_.open();
        co_return Result<void>();
    }

    Awaitable<> stop(Deadline deadline) override {
        frame_.begin_stop();
        relay_.stop();
        sweep_.stop();
        co_await frame_.join(deadline);
        co_await publisher_->stop(deadline);
        co_await frame_.stop_listening(deadline);
    }

private:
    Awaitable<Result<void>> queue_state() {
        co_return publisher_->connected() ? Result<void>() : Result<void>(Errc::unavailable);
    }

    const config::Config& config_;
    Frame frame_;                                  // listener, health, tasks
    std::shared_ptr<pg::Database> relay_database_; // connections whose commits need not wait for the disk
    std::shared_ptr<pg::Database> sweep_database_; // connections whose commits must
    std::unique_ptr<Outbox> outbox_;               // tickets in PostgreSQL
    std::unique_ptr<Housekeeping> housekeeping_;   // what time and crashes left behind
    std::unique_ptr<TicketPublisher> publisher_;   // RabbitMQ
    std::unique_ptr<Clock> clock_;
    app::RelayOutbox relay_; // outbox → queue
    app::Sweep sweep_;
};

} // namespace

std::unique_ptr<runtime::Service> make_outbox(const config::Config& config, boost::asio::io_context& shard) {
    return std::make_unique<OutboxRole>(config, shard);
}

} // namespace smsbcast::roles
