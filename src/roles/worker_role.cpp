#include "hold_watch.hpp"
#include "make.hpp"

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

transport::Readiness::Details details(const app::ProviderView& provider) {
    transport::Readiness::Details details{{"circuit", std::string(app::to_string(provider.circuit))}};
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

class WorkerRole final : public runtime::Service {
public:
    WorkerRole(const config::Config& config, const Backend& backend, boost::asio::io_context& shard)
        : config_(config), queue_(*backend.queue), shard_(shard), host_(shard, config, "worker"),
          session_(backend.store->open(shard, "worker")), hold_(host_, *session_), store_(session_->tickets()),
          provider_(
              adapters::http_provider::make_http_provider(shard, {.base_url = config.provider.url.reveal(),
                                                                  .webhook_url = config.dlr.webhook_url,
                                                                  .connections = config.worker.connections,
                                                                  .connect_timeout = config.provider.connect_timeout})),
          clock_(adapters::system::make_clock(shard)) {}

    Awaitable<Result<void>> start() override {
        tell_of_webhook();
        const auto listening = host_.listen("WORKER_HTTP_ADDR", config_.http_addr[config::Role::worker]);
        if (!listening)
            co_return listening;
        const auto installation = co_await host_.await_installation(*session_);
        if (!installation)
            co_return installation.error();
        const auto started = co_await provider_->start(Deadline::after(config_.provider.connect_timeout));
        if (!started)
            co_return started.error();
        begin_work(*installation);
        host_.open();
        co_return Result<void>();
    }

    Awaitable<> stop(Deadline deadline) override {
        host_.begin_stop();
        if (send_)
            send_->stop(Deadline(deadline.at() - std::min<Deadline::Clock::duration>(kClosing, deadline.left() / 4)));
        co_await host_.join(deadline);
        if (consumer_)
            co_await consumer_->stop(deadline);
        co_await host_.stop_listening(deadline);
    }

private:
    void tell_of_webhook() const {
        if (config::receipts_would_go_astray(config_))
            log::warn("webhook_on_loopback",
                      {{"setting", "DLR_WEBHOOK_URL"},
                       {"webhook_url", config::mask_password(config_.dlr.webhook_url)},
                       {"provider", adapters::http_provider::shown_address(config_.provider.url.reveal())},
                       {"advice", "set DLR_WEBHOOK_URL to the address of the role dlr as the provider sees it, or no "
                                  "receipt will arrive"}});
    }

    void begin_work(const Uuid& installation) {
        consumer_ = queue_.consumer(shard_, "worker", installation);
        const std::vector<app::LaneSetup> lanes{{*consumer_, *provider_, lane_options(config_)}};
        send_.emplace(lanes, *store_, *clock_, send_options(config_));
        hold_.start();
        host_.watch("queue", [this] { return queue_state(); });
        host_.watch("results", [this] { return results_state(); });
        host_.tell("results", [this] {
            return transport::Readiness::Details{{"put_aside", send_->recording().put_aside}};
        });
        for (std::size_t lane = 0; lane < send_->lanes(); ++lane)
            spawn_loops(lane);
    }

    void spawn_loops(std::size_t lane) {
        host_.tell("provider", [this, lane] { return details(send_->provider(lane)); });
        host_.tasks().spawn("take", [this, lane] { return send_->take(lane); });
        host_.tasks().spawn("mark in flight", [this, lane] { return send_->mark_in_flight(lane); });
        host_.tasks().spawn("record", [this, lane] { return send_->record(lane); });
        host_.tasks().spawn("keep", [this, lane] { return send_->keep(lane); });
        for (std::size_t i = 0; i < config_.worker.connections; ++i)
            host_.tasks().spawn("submit", [this, lane] { return send_->submit(lane); });
    }

    Awaitable<Result<void>> queue_state() {
        co_return consumer_->connected() ? Result<void>() : Result<void>(Errc::unavailable);
    }

    Awaitable<Result<void>> results_state() {
        co_return send_->recording().stalled ? Result<void>(Errc::stalled) : Result<void>();
    }

    const config::Config& config_;
    const QueueBackend& queue_;
    boost::asio::io_context& shard_;
    RoleHost host_;                         // listener, health, tasks
    std::unique_ptr<StoreSession> session_; // to the database
    HoldWatch hold_;                        // whether it is held
    std::unique_ptr<TicketStore> store_;    // tickets
    std::unique_ptr<SmsProvider> provider_; // HTTP
    std::unique_ptr<Clock> clock_;
    // Made once the installation is known, whose name the queue has.
    std::unique_ptr<TicketConsumer> consumer_; // the queue
    std::optional<app::SendMessages> send_;
};

} // namespace

std::unique_ptr<runtime::Service> make_worker(const config::Config& config, const Backend& backend,
                                              boost::asio::io_context& shard) {
    return std::make_unique<WorkerRole>(config, backend, shard);
}

} // namespace smsbcast::roles
