#pragma once

#include "smsbcast/roles/backend.hpp"

#include "smsbcast/config/config.hpp"
#include "smsbcast/http/server.hpp"
#include "smsbcast/runtime/service.hpp"
#include "smsbcast/runtime/task_group.hpp"
#include "smsbcast/runtime/wakeup.hpp"
#include "smsbcast/transport/ops_api.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::roles {

using runtime::Awaitable;

class RoleHost;

/// The objects of a role. Its constructor declares to the host what the host is to serve, watch, run and stop for it.
/// It is destroyed before its host, when none of its tasks runs any more.
class RoleParts {
public:
    virtual ~RoleParts() = default;
};

using MakeParts = std::unique_ptr<RoleParts> (*)(RoleHost& host);

/// Runs one role: it listens with the role's health, waits for what the role needs, runs the tasks that the role
/// declared, and stops in the order that the role declared. `config` and `backend` must outlive it.
class RoleHost final : public runtime::Service {
public:
    using Probe = std::function<Awaitable<Result<void>>()>;
    using Details = transport::Readiness::Details;
    using StopStep = std::function<Awaitable<>(Deadline)>;

    RoleHost(boost::asio::io_context& shard, const config::Config& config, const Backend& backend, config::Role role,
             MakeParts make);

    Awaitable<Result<void>> start() override;
    Awaitable<> stop(Deadline deadline) override;

    // For the role, whose name the connections carry:

    boost::asio::io_context& shard() const { return shard_; }
    const config::Config& config() const { return config_; }

    /// The role's session with the store. A role that asks for it is started only when the schema is there.
    StoreSession& store();

    std::unique_ptr<TicketPublisher> publisher(const Uuid& installation) const;
    std::unique_ptr<TicketConsumer> consumer(const Uuid& installation) const;

    /// Whether the queue began with the process: whatever was queued before is in no queue any more.
    bool queue_begins_empty() const { return backend_.queue->begins_empty(); }

    // Declarations, by the role's constructor or within when_installed(). They take effect when the role starts.

    /// These routes answer 503 until the role has started. Only the role's constructor may declare them.
    void serve(std::vector<http::Route> routes, http::OnUnrouted on_unrouted = {});

    using Begin = std::function<Awaitable<Result<void>>(const InstallationIdentity& installation)>;

    /// Starts the role only when the installation is known, and awaits `begin` with it just before. An error of
    /// `begin` is an error of the start. After each wait of its own `begin` asks stopping(), and makes nothing then.
    void when_installed(Begin begin) { begin_ = std::move(begin); }

    /// The role is to end: no stop step that is declared from now on is taken.
    bool stopping() const { return stopping_; }

    /// Runs `probe` again and again, its result being a line of the role's readiness. It must return within 2 s.
    void watch(std::string name, Probe probe);

    /// Watches whether the store answers, as `database`.
    void watch_store();

    /// Shows these with the role's readiness, which they do not change.
    void tell(std::string name, std::function<Details()> details);

    /// `task` must end once the role is stopped.
    void run(std::string name, std::function<Awaitable<>()> task);

    /// What ends the role, step by step, each with what is left of the time; by then the role is not ready any more,
    /// and its watches end. Without a declaration the tasks end first and the listener last.
    void stop_by(std::vector<StopStep> steps) { stop_steps_ = std::move(steps); }

    // Steps of a stop:

    /// Whether what does not end in its part of the time is made to, by making the calls to the store fail.
    enum class Overdue { wait, abandon_store };

    /// Requests under way are answered first. A client that does not come to an end with its own gets a quarter of the
    /// time, and a handler half of it, since what is stopped next needs the rest; then the store, which is what
    /// handlers wait for, is abandoned.
    StopStep end_listener(Overdue overdue = Overdue::wait);

    /// Waits for every task. After half of the time the store, which is what they may hang in, is abandoned.
    StopStep end_tasks(Overdue overdue = Overdue::wait);

    /// Calls `act`, which waits for nothing.
    static StopStep at_once(std::function<void(Deadline)> act);

private:
    Result<void> listen();
    Awaitable<Result<void>> await_store();
    template <class T>
    Awaitable<Result<T>> insist(std::function<Awaitable<Result<T>>()> ask);
    Awaitable<> watch_loop(std::string name, Probe probe);
    Awaitable<> stop_listening(Deadline deadline, Overdue overdue);
    Awaitable<> join(Deadline deadline, Overdue overdue);
    http::Route gated(http::Route route);
    Details connections() const;

    boost::asio::io_context& shard_;
    const config::Config& config_;
    const Backend& backend_;
    config::Role role_;
    bool open_ = false;
    bool stopping_ = false;
    runtime::Wakeup stopped_;
    transport::Readiness readiness_;
    std::vector<http::Route> routes_;
    http::OnUnrouted on_unrouted_;
    Begin begin_;
    std::vector<std::function<void()>> declared_; ///< what to do once it starts
    std::vector<StopStep> stop_steps_;
    std::unique_ptr<http::Server> server_;
    runtime::TaskGroup tasks_;
    std::unique_ptr<StoreSession> store_;
    std::unique_ptr<RoleParts> parts_;
};

} // namespace smsbcast::roles
