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

class OutboxRole final : public RoleParts {
public:
    OutboxRole(RoleHost& host, const config::Config& config)
        : host_(host), config_(config), hold_(host), outbox_(host.store().outbox()),
          housekeeping_(host.store().housekeeping()), clock_(adapters::system::make_clock(host.shard())) {
        host.when_installed([this](const InstallationIdentity& installation) { return begin(installation); });
    }

private:
    Awaitable<Result<void>> begin(InstallationIdentity installation) {
        publisher_ = host_.publisher(installation.id);
        relay_.emplace(*outbox_, *publisher_, *clock_, relay_options(config_));
        sweep_.emplace(*housekeeping_, *publisher_, *clock_, sweep_options(config_, host_.queue_begins_empty()));
        parked_.emplace(*publisher_, *clock_);
        host_.watch("queue", [this] { return queue_state(); });
        host_.watch("sweeps", [this] { return sweeps_state(); });
        host_.tell("queue", [this] { return queue_details(); });
        host_.run("relay", [this] { return relay_->run(); });
        host_.run("sweep", [this] { return sweep_->run(); });
        host_.run("watch parked", [this] { return parked_->run(); });
        host_.stop_by({RoleHost::at_once([this](Deadline) { stop_work(); }),
                       host_.end_tasks(RoleHost::Overdue::abandon_store),
                       [this](Deadline deadline) { return publisher_->stop(deadline); }, host_.end_listener()});
        co_return Result<void>();
    }

    void stop_work() {
        relay_->stop();
        sweep_->stop();
        parked_->stop();
    }

    Awaitable<Result<void>> sweeps_state() {
        co_return sweep_->stalled() ? Result<void>(Errc::stalled) : Result<void>();
    }
    Awaitable<Result<void>> queue_state() { co_return publisher_->state(); }

    RoleHost::Details queue_details() const {
        RoleHost::Details details{{"parked", std::monostate()}};
        if (const auto parked = parked_->count())
            details.back().second = *parked;
        return details;
    }

    RoleHost& host_;
    const config::Config& config_;
    HoldWatch hold_;                             // whether the installation is held
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

std::unique_ptr<RoleParts> make_outbox(RoleHost& host) {
    return std::make_unique<OutboxRole>(host, host.config());
}

} // namespace smsbcast::roles
