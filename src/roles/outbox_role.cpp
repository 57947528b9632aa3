#include "hold_watch.hpp"
#include "make.hpp"

#include "smsbcast/adapters/system/system_clock.hpp"
#include "smsbcast/app/relay_outbox.hpp"
#include "smsbcast/app/sweep.hpp"
#include "smsbcast/app/watch_parked.hpp"
#include "smsbcast/config/mask.hpp"

#include <optional>

namespace smsbcast::roles {

using namespace std::chrono_literals;

namespace {

app::RelayOptions relay_options(const config::Config& config) {
    return {.batch_messages = static_cast<int>(config.outbox.batch_size),
            .poll_interval = config.outbox.poll_interval,
            .claim_lease = config.outbox.claim_lease,
            .confirm_timeout = config.amqp.confirm_timeout,
            .depth = {.min_messages = static_cast<std::int64_t>(config.outbox.queue_min_messages),
                      .max_messages = static_cast<std::int64_t>(config.outbox.queue_max_messages),
                      .ahead = config.outbox.queue_ahead}};
}

app::SweepOptions sweep_options(const config::Config& config, bool queue_begins_empty) {
    return {.interval = config.outbox.sweep_interval,
            .queue_begins_empty = queue_begins_empty,
            .queued_recheck = config.outbox.queued_recheck,
            .resolve_within = config.provider.resolve_within,
            .inbox_retention = config.outbox.inbox_retention,
            .webhook_url = config::mask_password(config.dlr.webhook_url)};
}

class OutboxRole final : public runtime::Service {
public:
    OutboxRole(const config::Config& config, const Backend& backend, boost::asio::io_context& shard)
        : config_(config), queue_(*backend.queue), shard_(shard), host_(shard, config, "outbox"),
          session_(backend.store->open(shard, "outbox")), hold_(host_, *session_), outbox_(session_->outbox()),
          housekeeping_(session_->housekeeping()), clock_(adapters::system::make_clock(shard)) {}

    Awaitable<Result<void>> start() override {
        const auto listening = host_.listen("OUTBOX_HTTP_ADDR", config_.http_addr[config::Role::outbox]);
        if (!listening)
            co_return listening;
        const auto installation = co_await host_.await_installation(*session_);
        if (!installation)
            co_return installation.error();
        begin_work(*installation);
        host_.open();
        co_return Result<void>();
    }

    Awaitable<> stop(Deadline deadline) override {
        host_.begin_stop();
        if (publisher_) {
            relay_->stop();
            sweep_->stop();
            parked_->stop();
        }
        co_await host_.join(deadline, session_.get());
        if (publisher_)
            co_await publisher_->stop(deadline);
        co_await host_.stop_listening(deadline);
    }

private:
    void begin_work(const Uuid& installation) {
        publisher_ = queue_.publisher(shard_, "outbox", installation);
        relay_.emplace(*outbox_, *publisher_, *clock_, relay_options(config_));
        sweep_.emplace(*housekeeping_, *publisher_, *clock_, sweep_options(config_, queue_.begins_empty()));
        parked_.emplace(*publisher_, *clock_);
        hold_.start();
        host_.watch("queue", [this] { return queue_state(); });
        host_.watch("sweeps", [this] { return sweeps_state(); });
        host_.tell("queue", [this] { return queue_details(); });
        host_.tasks().spawn("relay", [this] { return relay_->run(); });
        host_.tasks().spawn("sweep", [this] { return sweep_->run(); });
        host_.tasks().spawn("watch parked", [this] { return parked_->run(); });
    }

    Awaitable<Result<void>> sweeps_state() {
        co_return sweep_->stalled() ? Result<void>(Errc::stalled) : Result<void>();
    }
    Awaitable<Result<void>> queue_state() { co_return publisher_->state(); }

    transport::Readiness::Details queue_details() const {
        transport::Readiness::Details details{{"parked", std::monostate()}};
        if (const auto parked = parked_->count())
            details.back().second = *parked;
        return details;
    }

    const config::Config& config_;
    const QueueBackend& queue_;
    boost::asio::io_context& shard_;
    RoleHost host_;                              // listener, health, tasks
    std::unique_ptr<StoreSession> session_;      // to the database
    HoldWatch hold_;                             // whether it is held
    std::unique_ptr<Outbox> outbox_;             // tickets
    std::unique_ptr<Housekeeping> housekeeping_; // what time and crashes left behind
    std::unique_ptr<Clock> clock_;
    // Made once the installation is known, whose name the queue has.
    std::unique_ptr<TicketPublisher> publisher_; // the queue
    std::optional<app::RelayOutbox> relay_;      // outbox → queue
    std::optional<app::Sweep> sweep_;
    std::optional<app::WatchParked> parked_; // what the broker dropped
};

} // namespace

std::unique_ptr<runtime::Service> make_outbox(const config::Config& config, const Backend& backend,
                                              boost::asio::io_context& shard) {
    return std::make_unique<OutboxRole>(config, backend, shard);
}

} // namespace smsbcast::roles
