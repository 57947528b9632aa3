#include "hold_watch.hpp"
#include "make.hpp"

#include "smsbcast/adapters/system/system_clock.hpp"
#include "smsbcast/app/relay_outbox.hpp"
#include "smsbcast/app/sweep.hpp"

namespace smsbcast::roles {

using namespace std::chrono_literals;

namespace {

class OutboxRole final : public runtime::Service {
public:
    OutboxRole(const config::Config& config, const Backend& backend, boost::asio::io_context& shard)
        : config_(config), frame_(shard, config, "outbox"), access_(backend.store->open(shard, "outbox")),
          hold_(frame_, *access_), outbox_(access_->outbox()), housekeeping_(access_->housekeeping()),
          publisher_(backend.queue->publisher(shard, "outbox")), clock_(adapters::system::make_clock(shard)),
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
                  .queue_begins_empty = backend.queue->begins_empty(),
                  .queued_recheck = config.outbox.queued_recheck,
                  .resolve_within = config.provider.resolve_within,
                  .inbox_retention = config.outbox.inbox_retention}) {}

    Awaitable<Result<void>> start() override {
        const auto listening = frame_.listen(config_.outbox.http_addr);
        if (!listening)
            co_return listening;
        const auto schema = co_await frame_.await_schema(*access_);
        if (!schema)
            co_return schema;
        hold_.start();
        frame_.watch("queue", [this] { return queue_state(); });
        frame_.watch("sweeps", [this] { return sweeps_state(); });
        frame_.tasks().spawn("relay", [this] { return relay_.run(); });
        frame_.tasks().spawn("sweep", [this] { return sweep_.run(); });
        frame_.open();
        co_return Result<void>();
    }

    Awaitable<> stop(Deadline deadline) override {
        frame_.begin_stop();
        relay_.stop();
        sweep_.stop();
        co_await frame_.join(deadline, access_.get());
        co_await publisher_->stop(deadline);
        co_await frame_.stop_listening(deadline);
    }

private:
    Awaitable<Result<void>> sweeps_state() {
        co_return sweep_.stalled() ? Result<void>(Errc::stalled) : Result<void>();
    }
    Awaitable<Result<void>> queue_state() { co_return publisher_->state(); }

    const config::Config& config_;
    Frame frame_;                                // listener, health, tasks
    std::unique_ptr<Store> access_;              // to the database
    HoldWatch hold_;                             // whether it is held
    std::unique_ptr<Outbox> outbox_;             // tickets
    std::unique_ptr<Housekeeping> housekeeping_; // what time and crashes left behind
    std::unique_ptr<TicketPublisher> publisher_; // the queue
    std::unique_ptr<Clock> clock_;
    app::RelayOutbox relay_; // outbox → queue
    app::Sweep sweep_;
};

} // namespace

std::unique_ptr<runtime::Service> make_outbox(const config::Config& config, const Backend& backend,
                                              boost::asio::io_context& shard) {
    return std::make_unique<OutboxRole>(config, backend, shard);
}

} // namespace smsbcast::roles
