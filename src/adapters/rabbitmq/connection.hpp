#pragma once

#include "amqp.hpp"
#include "call_watch.hpp"
#include "dial.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace smsbcast::adapters::rabbitmq {

struct ConnectionOptions {
    Endpoint endpoint;
    std::string name;
    std::chrono::milliseconds heartbeat;
    std::chrono::milliseconds connect_timeout;
};

/// One connection with one channel, on one thread. A function of the library that fails leaves its state uncertain, so
/// the first failure is final: from then on every call does nothing, and the owner replaces the connection.
class Connection {
public:
    static constexpr amqp_channel_t kChannel = 1;

    /// Takes over a connected socket and logs in; see ok().
    Connection(UniqueFd socket, CallWatch& watch, const ConnectionOptions& options);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Cuts the socket. See close().
    ~Connection();

    bool ok() const { return failure_.empty(); }
    const std::string& failure() const { return failure_; }
    void fail(std::string reason);

    int socket() const { return socket_; }

    /// Fetches a frame that has arrived, without waiting, and keeps up the heartbeat, which is why it has to be called
    /// every third of it. False when none is there or the connection failed. When the broker closes the channel or the
    /// connection, that is answered here and becomes the failure. What a frame points to lives until release_frames().
    bool read(amqp_frame_t& frame);

    /// read() would find bytes that poll() does not know of.
    bool has_buffered() const;
    void release_frames();

    /// Sends a method on the channel and does not wait.
    bool send(amqp_method_number_t method, void* arguments);

    /// Sends a method and waits for its answer. Other frames that arrive meanwhile are kept for read().
    bool call(amqp_method_number_t method, void* arguments, amqp_method_number_t answer);

    /// Read once before each series of these: the library waits for ever in a publish when it finds the broker silent.
    bool publish(std::string_view exchange, std::string_view key, const amqp_basic_properties_t& properties,
                 std::string_view body);

    /// Ends the channel, which makes sure that what was sent on it has been processed, and then the connection.
    void close(std::chrono::milliseconds budget);

private:
    struct Free {
        void operator()(amqp_connection_state_t state) const { ::amqp_destroy_connection(state); }
    };

    void log_in(const ConnectionOptions& options);
    bool check(int status);
    bool check(const amqp_rpc_reply_t& reply);
    void on_channel_close(const amqp_method_t& method);
    void on_connection_close(const amqp_method_t& method);

    CallWatch& watch_;
    std::unique_ptr<amqp_connection_state_t_, Free> state_;
    int socket_ = -1;
    std::string failure_;
    bool broken_ = false; ///< the protocol cannot be spoken any more, not even to close
};

} // namespace smsbcast::adapters::rabbitmq
