#pragma once

#include "smsbcast/runtime/service.hpp"
#include "smsbcast/runtime/shard.hpp"
#include "smsbcast/runtime/signals.hpp"

#include <boost/asio/signal_set.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace smsbcast::runtime {

/// Runs services until the first SIGTERM or SIGINT. They begin to start in the order in which they were added and
/// stop one after another in the reverse of it, so what produces work is added last. A second signal ends the process
/// at once, and so does a stop that takes two seconds longer than the grace. Signals that do no harm (signals.hpp) are
/// logged.
class Supervisor {
public:
    using Make = std::function<std::unique_ptr<Service>(asio::io_context&)>;

    explicit Supervisor(std::chrono::milliseconds stop_grace);
    ~Supervisor();

    /// Gives the service a shard of its own; `make` is called on it and may throw.
    void add(std::string name, Make make);

    /// Blocks. Returns the exit code: 0 after a clean stop within the grace, 1 when a service could not start or did
    /// not stop in time.
    int run();

    /// The duration of the stop. To be asked after run().
    std::chrono::milliseconds stop_took() const { return stop_took_; }

private:
    struct Entry;
    void await_signal();
    void start_next();
    void started(bool well);
    void begin_stop();
    void stop_next();
    void shard_ended();

    std::chrono::milliseconds stop_grace_;
    asio::io_context control_{1};
    asio::signal_set signals_;
    HarmlessSignals harmless_;
    std::vector<std::unique_ptr<Entry>> entries_;
    std::size_t running_ = 0; ///< entries_[0, running_) have a thread
    std::optional<Deadline> stop_by_;
    Deadline::Clock::time_point stop_began_{};
    std::chrono::milliseconds stop_took_{0};
    int exit_code_ = 0;
};

} // namespace smsbcast::runtime
