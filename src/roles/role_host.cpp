#include "role_host.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/http/problem.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace smsbcast::roles {

using http::Request;
using http::Response;
using http::Route;
using namespace std::chrono_literals;

namespace {

constexpr auto kWatchInterval = 1s;
constexpr auto kProbeBudget = 2s;
constexpr auto kSchemaRetry = 500ms;
constexpr auto kMigrationBudget = 5min;
constexpr auto kInstallationBudget = 10s;

Response starting(const Request& request) {
    http::Problem problem{503, "starting", "The service is starting. Try again in a moment.", {}, 1s};
    problem.trouble = http::Trouble{"the role is starting"};
    return http::to_response(problem, request.request_id);
}

Awaitable<std::optional<Response>> refuse_starting(const Request& request) {
    co_return starting(request);
}

Awaitable<> done(const std::function<void(Deadline)>& act, Deadline deadline) {
    act(deadline);
    co_return;
}

std::string_view advice_for(const boost::system::error_code& error) {
    using boost::system::errc::make_error_condition;
    if (error == make_error_condition(boost::system::errc::address_in_use))
        return "another process listens there: end it, or give this setting another port";
    if (error == make_error_condition(boost::system::errc::permission_denied))
        return "ports below 1024 need privileges: give this setting a higher one";
    return "give this setting an address of this machine, or a port alone, such as :8080, for all of them";
}

} // namespace

RoleHost::RoleHost(boost::asio::io_context& shard, const config::Config& config, const Backend& backend,
                   config::Role role, MakeParts make)
    : shard_(shard), config_(config), backend_(backend), role_(role), stopped_(shard), tasks_(shard) {
    readiness_.set("started", false, "the role is starting");
    stop_steps_ = {end_tasks(), end_listener()};
    parts_ = make(*this);
}

Awaitable<Result<void>> RoleHost::start() {
    const auto listening = listen();
    if (!listening)
        co_return listening;
    const auto there = co_await await_store();
    if (!there)
        co_return there;
    if (stopping_) // while the role began: nothing that it declared would be stopped any more
        co_return Errc::stopping;
    for (const auto& take_effect : std::exchange(declared_, {}))
        take_effect();
    open_ = true;
    readiness_.set("started", true);
    log::info("started");
    co_return Result<void>();
}

Awaitable<> RoleHost::stop(Deadline deadline) {
    stopping_ = true;
    readiness_.stop();
    stopped_.notify_all();
    // A role that begins meanwhile may still declare others.
    for (const auto& step : std::exchange(stop_steps_, {})) {
        auto ending = step(deadline);
        co_await std::move(ending);
    }
}

StoreSession& RoleHost::store() {
    if (!store_)
        store_ = backend_.store->open(shard_, config::to_string(role_));
    return *store_;
}

std::unique_ptr<TicketPublisher> RoleHost::publisher(const Uuid& installation) const {
    return backend_.queue->publisher(shard_, config::to_string(role_), installation);
}

std::unique_ptr<TicketConsumer> RoleHost::consumer(const Uuid& installation) const {
    return backend_.queue->consumer(shard_, config::to_string(role_), installation);
}

Route RoleHost::gated(Route route) {
    route.admit = [this, admit = std::move(route.admit)](Request& request) {
        if (!open_)
            return refuse_starting(request);
        return admit ? admit(request) : Awaitable<std::optional<Response>>();
    };
    return route;
}

RoleHost::Details RoleHost::connections() const {
    const auto counts = server_->connections();
    return {{"open", static_cast<std::int64_t>(counts.open)},
            {"bound", static_cast<std::int64_t>(counts.bound)},
            {"bound_reached", static_cast<std::int64_t>(counts.bound_reached)}};
}

void RoleHost::serve(std::vector<Route> routes, http::OnUnrouted on_unrouted) {
    for (auto& route : routes)
        routes_.push_back(gated(std::move(route)));
    if (on_unrouted)
        on_unrouted_ = std::move(on_unrouted);
}

Result<void> RoleHost::listen() {
    const auto& address = config_.http_addr[role_];
    const http::ServerLimits limits{.max_connections = config_.http.max_connections,
                                    .header_timeout = config_.http.header_timeout,
                                    .body_timeout = config_.http.body_timeout,
                                    .idle_timeout = config_.http.idle_timeout,
                                    .write_timeout = config_.http.write_timeout};
    transport::Identity identity{config::to_string(role_), {}};
    for (const auto role : config_.process.roles)
        identity.process.push_back(config::to_string(role));
    auto all = transport::ops_routes(readiness_, identity);
    std::ranges::move(routes_, std::back_inserter(all));
    server_ = std::make_unique<http::Server>(shard_, limits, std::move(all), std::move(on_unrouted_));
    readiness_.tell("connections", [this] { return connections(); });
    const auto listening = server_->listen(address.host, address.port);
    if (listening)
        log::info("listening", {{"host", address.host}, {"port", server_->port()}});
    else
        log::error("cannot_listen", {{"setting", config::traits(role_).address.environment},
                                     {"address", config::to_string(address)},
                                     {"reason", listening.error()},
                                     {"advice", advice_for(listening.error())}});
    return listening;
}

// Until there is an answer, or an error that no waiting mends.
template <class T>
Awaitable<Result<T>> RoleHost::insist(std::function<Awaitable<Result<T>>()> ask) {
    while (!stopping_) {
        auto asking = ask();
        auto answer = co_await std::move(asking);
        if (stopping_)
            break;
        if (answer)
            co_return answer;
        if (answer.error() == Errc::conflict || answer.error() == Errc::internal) {
            log::error("schema_unusable", {{"reason", answer.error()}});
            co_return answer;
        }
        co_await stopped_.wait(Deadline::after(kSchemaRetry));
    }
    co_return Errc::stopping;
}

Awaitable<Result<void>> RoleHost::await_store() {
    if (!store_)
        co_return Result<void>();
    auto migrating = insist<void>([this] {
        const auto deadline = Deadline::after(kMigrationBudget);
        return config_.process.migrate_at_start ? store_->migrate(deadline) : store_->check(deadline);
    });
    const auto schema = co_await std::move(migrating);
    if (!schema || !begin_)
        co_return schema;
    const auto installation = store_->installation();
    auto asking = insist<InstallationIdentity>(
        [&installation] { return installation->identity(Deadline::after(kInstallationBudget)); });
    const auto identity = co_await std::move(asking);
    if (!identity)
        co_return identity.error();
    auto beginning = begin_(*identity);
    co_return co_await std::move(beginning);
}

void RoleHost::watch(std::string name, Probe probe) {
    declared_.emplace_back([this, name] { readiness_.set(name, false, "not asked yet"); });
    run("watch " + name, [this, name, probe = std::move(probe)] { return watch_loop(name, probe); });
}

void RoleHost::watch_store() {
    watch("database", [&store = store()] { return store.check(Deadline::after(kProbeBudget)); });
}

void RoleHost::tell(std::string name, std::function<Details()> details) {
    declared_.emplace_back(
        [this, name = std::move(name), details = std::move(details)] { readiness_.tell(name, details); });
}

void RoleHost::run(std::string name, std::function<Awaitable<>()> task) {
    declared_.emplace_back([this, name = std::move(name), task = std::move(task)] { tasks_.spawn(name, task); });
}

Awaitable<> RoleHost::watch_loop(std::string name, Probe probe) {
    while (!stopping_) {
        const auto result = co_await probe();
        readiness_.set(name, result.has_value(), result ? "" : result.error().message());
        if (!stopping_)
            co_await stopped_.wait(Deadline::after(kWatchInterval));
    }
}

RoleHost::StopStep RoleHost::end_listener(Overdue overdue) {
    return [this, overdue](Deadline deadline) { return stop_listening(deadline, overdue); };
}

RoleHost::StopStep RoleHost::end_tasks(Overdue overdue) {
    return [this, overdue](Deadline deadline) { return join(deadline, overdue); };
}

RoleHost::StopStep RoleHost::at_once(std::function<void(Deadline)> act) {
    return [act = std::move(act)](Deadline deadline) { return done(act, deadline); };
}

Awaitable<> RoleHost::stop_listening(Deadline deadline, Overdue overdue) {
    if (!server_)
        co_return;
    const auto clients = Deadline::after(deadline.left() / 4), handlers = Deadline::after(deadline.left() / 2);
    const bool ended = co_await server_->stop(clients, handlers);
    if (ended || overdue == Overdue::wait)
        co_return;
    log::warn("requests_abandoned");
    store().abandon();
    co_await server_->stop(deadline, deadline);
}

Awaitable<> RoleHost::join(Deadline deadline, Overdue overdue) {
    const bool abandons = overdue == Overdue::abandon_store;
    bool ended = co_await tasks_.join(abandons ? Deadline::after(deadline.left() / 2) : deadline);
    if (!ended && abandons) {
        store().abandon();
        ended = co_await tasks_.join(deadline);
    }
    if (!ended)
        log::error("tasks_overdue");
}

} // namespace smsbcast::roles
