#include "role_host.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/http/problem.hpp"

namespace smsbcast::roles {

using http::Request;
using http::Response;
using http::Route;
using namespace std::chrono_literals;

namespace {

constexpr auto kWatchInterval = 1s;
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

Awaitable<std::optional<Response>> let_in() {
    co_return std::nullopt;
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

RoleHost::RoleHost(boost::asio::io_context& shard, const config::Config& config, std::string_view role)
    : shard_(shard), config_(config), role_(role), stopped_(shard), tasks_(shard) {
    readiness_.set("started", false, "the role is starting");
}

Route RoleHost::gated(Route route) {
    route.admit = [this, admit = std::move(route.admit)](Request& request) {
        if (!open_)
            return refuse_starting(request);
        return admit ? admit(request) : let_in();
    };
    return route;
}

transport::Readiness::Details RoleHost::connections() const {
    const auto counts = server_->connections();
    return {{"open", static_cast<std::int64_t>(counts.open)},
            {"bound", static_cast<std::int64_t>(counts.bound)},
            {"bound_reached", static_cast<std::int64_t>(counts.bound_reached)}};
}

Result<void> RoleHost::listen(std::string_view setting, const config::Address& address, std::vector<Route> routes,
                              http::OnUnrouted on_unrouted) {
    const http::ServerLimits limits{.max_connections = config_.http.max_connections,
                                    .header_timeout = config_.http.header_timeout,
                                    .body_timeout = config_.http.body_timeout,
                                    .idle_timeout = config_.http.idle_timeout,
                                    .write_timeout = config_.http.write_timeout};
    transport::Identity identity{role_, {}};
    for (const auto role : config_.process.roles)
        identity.process.push_back(config::to_string(role));
    auto all = transport::ops_routes(readiness_, identity);
    for (auto& route : routes)
        all.push_back(gated(std::move(route)));
    server_ = std::make_unique<http::Server>(shard_, limits, std::move(all), std::move(on_unrouted));
    tell("connections", [this] { return connections(); });
    const auto listening = server_->listen(address.host, address.port);
    if (listening)
        log::info("listening", {{"host", address.host}, {"port", server_->port()}});
    else
        log::error("cannot_listen", {{"setting", setting},
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

Awaitable<Result<void>> RoleHost::await_schema(StoreSession& store) {
    return insist<void>([this, &store] {
        const auto deadline = Deadline::after(kMigrationBudget);
        return config_.process.migrate_at_start ? store.migrate(deadline) : store.check(deadline);
    });
}

Awaitable<Result<Uuid>> RoleHost::await_installation(StoreSession& store) {
    const auto schema = co_await await_schema(store);
    if (!schema)
        co_return schema.error();
    const auto installation = store.installation();
    auto asking = insist<Uuid>([&installation] { return installation->id(Deadline::after(kInstallationBudget)); });
    co_return co_await std::move(asking);
}

void RoleHost::open() {
    open_ = true;
    readiness_.set("started", true);
    log::info("started");
}

void RoleHost::watch(std::string name, std::function<Awaitable<Result<void>>()> probe) {
    readiness_.set(name, false, "not asked yet");
    tasks_.spawn("watch " + name, [this, name, probe] { return watch_loop(name, probe); });
}

void RoleHost::tell(std::string name, std::function<transport::Readiness::Details()> details) {
    readiness_.tell(std::move(name), std::move(details));
}

Awaitable<> RoleHost::watch_loop(std::string name, std::function<Awaitable<Result<void>>()> probe) {
    while (!stopping_) {
        const auto result = co_await probe();
        readiness_.set(name, result.has_value(), result ? "" : result.error().message());
        if (!stopping_)
            co_await stopped_.wait(Deadline::after(kWatchInterval));
    }
}

void RoleHost::begin_stop() {
    stopping_ = true;
    readiness_.stop();
    stopped_.notify_all();
}

Awaitable<> RoleHost::stop_listening(Deadline deadline, StoreSession* store) {
    if (!server_)
        co_return;
    const auto clients = Deadline::after(deadline.left() / 4), handlers = Deadline::after(deadline.left() / 2);
    const bool ended = co_await server_->stop(clients, handlers);
    if (ended || !store)
        co_return;
    log::warn("requests_abandoned");
    store->abandon();
    co_await server_->stop(deadline, deadline);
}

Awaitable<> RoleHost::join(Deadline deadline, StoreSession* store) {
    bool ended = co_await tasks_.join(store ? Deadline::after(deadline.left() / 2) : deadline);
    if (!ended && store) {
        store->abandon();
        ended = co_await tasks_.join(deadline);
    }
    if (!ended)
        log::error("tasks_overdue");
}

} // namespace smsbcast::roles
