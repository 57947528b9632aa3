#pragma once

#include "connection.hpp"
#include "event_fd.hpp"
#include "link.hpp"
#include "mailbox.hpp"
#include "reconnect_backoff.hpp"
#include "topology.hpp"

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/runtime/asio.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>

namespace smsbcast::adapters::rabbitmq {

/// One connection in one direction on a thread of its own, since the library blocks and is not
/// thread-safe. The thread connects, serves the link, and connects anew after each loss, with a
/// growing pause, until it is stopped.
class AmqpThread {
public:
    struct Options {
        ConnectionOptions connection;
        std::string role; ///< of its log lines
        Topology topology;
        std::chrono::milliseconds call_timeout;
        std::size_t max_commands;
    };

    /// Starts at once. Everything but the thread's own work belongs to the shard. The link must outlive this.
    AmqpThread(runtime::asio::io_context& shard, Options options, Link& link);

    /// Waits for the thread, having cut the connection.
    ~AmqpThread();

    /// Runs the command on the thread, connected or not, after those that were submitted before. False when it was not
    /// taken: too many lie there, or the thread has been told to stop.
    bool submit(Mailbox::Command command);

    /// Runs what was submitted, closes politely as long as the deadline allows, by force afterwards, and joins.
    runtime::Awaitable<> stop(Deadline deadline);

private:
    struct Shared;

    void run();
    std::unique_ptr<Connection> connect();
    void serve(Connection& connection);
    void handle_frames(Connection& connection);
    void dispatch(const amqp_frame_t& frame);
    void set_blocked(bool blocked, std::string_view reason);
    void disconnect(Connection& connection);
    void run_commands();
    void rest();
    void report_unreachable(const std::string& reason);
    bool stopping() const { return stopping_.load(); }
    void request_stop(Deadline deadline);
    static void keep_watch(const std::shared_ptr<Shared>& shared);

    const Options options_;
    Link& link_;
    runtime::asio::io_context& shard_;
    std::shared_ptr<Shared> shared_;
    Mailbox mailbox_;
    EventFd stop_signal_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> serving_{false};
    std::atomic<Deadline::Clock::rep> stop_by_{0};

    // These belong to the thread alone.
    ContentReader contents_;
    ReconnectBackoff backoff_;
    bool blocked_ = false;
    int attempts_ = 0;
    std::set<std::string> reported_; ///< causes of the present outage

    std::thread thread_;
};

} // namespace smsbcast::adapters::rabbitmq
