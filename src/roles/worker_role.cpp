#include "hold_watch.hpp"
#include "make.hpp"
#include "receipt_seal.hpp"

#include "smsbcast/adapters/http_provider/http_provider.hpp"
#include "smsbcast/adapters/system/system_clock.hpp"
#include "smsbcast/app/send_messages.hpp"
#include "smsbcast/base/log.hpp"
#include "smsbcast/base/timestamp.hpp"
#include "smsbcast/config/mask.hpp"
#include "smsbcast/config/reach.hpp"

#include <cmath>
#include <optional>

namespace smsbcast::roles {

using namespace std::chrono_literals;

namespace {

// What is left of the grace after the messages were seen to, for the last acknowledgements and for closing.
constexpr auto kClosing = 2s;

UnknownPolicy unknown_policy(const config::Provider& provider) {
    switch (provider.resolved_unknown_policy) {
    case config::UnknownPolicy::resend_same_key: return UnknownPolicy::resend_same_key;
    case config::UnknownPolicy::wait_then_fail: return UnknownPolicy::wait_then_fail;
    case config::UnknownPolicy::resend: return UnknownPolicy::resend;
    }
    return UnknownPolicy::wait_then_fail;
}

app::LaneOptions lane_options(const config::Config& config) {
    return {.address = adapters::http_provider::shown_address(config.provider.url.reveal()),
            .retry = {.base = config.provider.retry_base,
                      .cap = config.provider.retry_cap,
                      .max_attempts = static_cast<int>(config.provider.max_attempts),
                      .unknown_policy = unknown_policy(config.provider),
                      .resolve_within = config.provider.resolve_within},
            .breaker = {.failures = static_cast<int>(config.provider.breaker_failures)},
            .window = {.most = config.worker.connections},
            .submit_timeout = config.provider.timeout};
}

app::SendOptions send_options(const config::Config& config) {
    return {.lease = config.worker.lease,
            .result_batch = config.worker.result_batch,
            .result_linger = config.worker.result_linger};
}

// Of the steady clock, which no client knows.
std::string wall_time(Deadline::Clock::time_point time) {
    const auto ago = std::chrono::duration_cast<std::chrono::microseconds>(Deadline::Clock::now() - time);
    return to_rfc3339(std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()) - ago);
}

RoleHost::Details details(const app::ProviderView& provider) {
    RoleHost::Details details{{"circuit", std::string(app::to_string(provider.circuit))}};
    if (provider.trouble) {
        details.emplace_back("reason", std::string(provider.trouble->refused ? "refused" : "away"));
        details.emplace_back("code", provider.trouble->code);
        details.emplace_back("message", provider.trouble->message);
    }
    if (provider.since)
        details.emplace_back("since", wall_time(*provider.since));
    details.emplace_back("limit_per_s", std::monostate());
    if (provider.limit_per_s)
        details.back().second = std::lround(*provider.limit_per_s);
    details.emplace_back("window", static_cast<std::int64_t>(provider.window));
    details.emplace_back("in_flight", static_cast<std::int64_t>(provider.in_flight));
    return details;
}

void warn_of_webhook(const config::Config& config) {
    if (config::receipts_would_go_astray(config))
        log::warn("webhook_on_loopback",
                  {{"setting", "DLR_WEBHOOK_URL"},
                   {"webhook_url", config::mask_password(config.dlr.webhook_url)},
                   {"provider", adapters::http_provider::shown_address(config.provider.url.reveal())},
                   {"advice", "set DLR_WEBHOOK_URL to the address of the role dlr as the provider sees it, or no "
                              "receipt will arrive"}});
}

class WorkerRole final : public RoleParts {
public:
    WorkerRole(RoleHost& host, const config::Config& config)
        : host_(host), config_(config), hold_(host), store_(host.store().tickets()),
          clock_(adapters::system::make_clock(host.shard())) {
        warn_of_webhook(config);
        host.when_installed([this](const InstallationIdentity& installation) { return begin(installation); });
    }

private:
    Awaitable<Result<void>> begin(InstallationIdentity installation) {
        provider_ = adapters::http_provider::make_http_provider(host_.shard(),
                                                                {.base_url = config_.provider.url.reveal(),
                                                                 .webhook_url = config_.dlr.webhook_url,
                                                                 .seal = receipt_seal(config_, installation),
                                                                 .connections = config_.worker.connections,
                                                                 .connect_timeout = config_.provider.connect_timeout});
        const auto started = co_await provider_->start(Deadline::after(config_.provider.connect_timeout));
        if (!started)
            co_return started;
        if (host_.stopping())
            co_return Errc::stopping;
        consumer_ = host_.consumer(installation.id);
        const std::vector<app::LaneSetup> lanes{{*consumer_, *provider_, lane_options(config_)}};
        send_.emplace(lanes, *store_, *clock_, send_options(config_));
        host_.watch("queue", [this] { return queue_state(); });
        host_.watch("results", [this] { return results_state(); });
        host_.tell("results", [this] { return RoleHost::Details{{"put_aside", send_->recording().put_aside}}; });
        for (std::size_t lane = 0; lane < send_->lanes(); ++lane)
            declare_lane(lane);
        host_.stop_by({RoleHost::at_once([this](Deadline deadline) { stop_sending(deadline); }), host_.end_tasks(),
                       [this](Deadline deadline) { return consumer_->stop(deadline); }, host_.end_listener()});
        co_return started;
    }

    void declare_lane(std::size_t lane) {
        host_.tell("provider", [this, lane] { return details(send_->provider(lane)); });
        host_.run("take", [this, lane] { return send_->take(lane); });
        host_.run("mark in flight", [this, lane] { return send_->mark_in_flight(lane); });
        host_.run("record", [this, lane] { return send_->record(lane); });
        host_.run("keep", [this, lane] { return send_->keep(lane); });
        for (std::size_t i = 0; i < config_.worker.connections; ++i)
            host_.run("submit", [this, lane] { return send_->submit(lane); });
    }

    void stop_sending(Deadline deadline) {
        send_->stop(Deadline(deadline.at() - std::min<Deadline::Clock::duration>(kClosing, deadline.left() / 4)));
    }

    Awaitable<Result<void>> queue_state() {
        co_return consumer_->connected() ? Result<void>() : Result<void>(Errc::unavailable);
    }

    Awaitable<Result<void>> results_state() {
        co_return send_->recording().stalled ? Result<void>(Errc::stalled) : Result<void>();
    }

    RoleHost& host_;
    const config::Config& config_;
    HoldWatch hold_;                     // whether the installation is held
    std::unique_ptr<TicketStore> store_; // tickets
    std::unique_ptr<Clock> clock_;
    // Made once the installation is known, whose name the queue has, and whose secret seals addresses.
    std::unique_ptr<SmsProvider> provider_;    // HTTP
    std::unique_ptr<TicketConsumer> consumer_; // the queue
    std::optional<app::SendMessages> send_;
};

} // namespace

std::unique_ptr<RoleParts> make_worker(RoleHost& host) {
    return std::make_unique<WorkerRole>(host, host.config());
}

} // namespace smsbcast::roles
