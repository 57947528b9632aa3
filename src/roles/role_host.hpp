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

/// What every role has: an HTTP listener with its health, a group of tasks, a watch over what it depends on, and the
/// wait for the database at its start.
class RoleHost {
public:
    RoleHost(boost::asio::io_context& shard, const config::Config& config, std::string_view role);

    /// Listens with the role's health and with `routes`, which answer 503 until open(). Errors: what bind says.
    /// @param setting where `address` comes from, for whoever has to change it
    Result<void> listen(std::string_view setting, const config::Address& address, std::vector<http::Route> routes = {},
                        http::OnUnrouted on_unrouted = {});

    /// Waits until the schema is there, bringing it up when the configuration says so; tries again for as long as the
    /// server is away. Errors: conflict (another schema), stopping.
    Awaitable<Result<void>> await_schema(StoreSession& store);

    /// The same, and then the installation's id. Errors: those of await_schema().
    Awaitable<Result<Uuid>> await_installation(StoreSession& store);

    /// From now on the routes answer and the role can become ready.
    void open();

    /// Runs `probe` again and again, its result being a line of the role's readiness. It must return within 2 s.
    void watch(std::string name, std::function<Awaitable<Result<void>>()> probe);

    /// Shows these with the role's readiness, which they do not change.
    void tell(std::string name, std::function<transport::Readiness::Details()> details);

    runtime::TaskGroup& tasks() { return tasks_; }

    /// Not ready from now on; ends the watches and the wait for the schema.
    void begin_stop();

    /// Requests under way are answered first. A client that does not come to an end with its own gets a quarter of the
    /// time, and a handler half of it, since what is stopped next needs the rest; then `store`, which is what handlers
    /// wait for, is abandoned.
    Awaitable<> stop_listening(Deadline deadline, StoreSession* store = nullptr);

    /// Waits for every task. After half of the time `store`, which is what they may hang in, is abandoned.
    Awaitable<> join(Deadline deadline, StoreSession* store = nullptr);

private:
    template <class T>
    Awaitable<Result<T>> insist(std::function<Awaitable<Result<T>>()> ask);
    Awaitable<> watch_loop(std::string name, std::function<Awaitable<Result<void>>()> probe);
    http::Route gated(http::Route route);
    transport::Readiness::Details connections() const;

    boost::asio::io_context& shard_;
    const config::Config& config_;
    std::string_view role_;
    bool open_ = false;
    bool stopping_ = false;
    runtime::Wakeup stopped_;
    transport::Readiness readiness_;
    std::unique_ptr<http::Server> server_;
    runtime::TaskGroup tasks_;
};

} // namespace smsbcast::roles
