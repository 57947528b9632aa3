#include "connection.hpp"

#include "smsbcast/base/chaos.hpp"

#include <fmt/format.h>

#include <array>
#include <new>

namespace smsbcast::adapters::rabbitmq {

namespace {

// RabbitMQ's own default. The two sides settle on the smaller value, and a ticket fits many times.
constexpr int kMaxFrame = 128 * 1024;

amqp_table_entry_t flag(std::string_view name) {
    amqp_table_entry_t entry{};
    entry.key = to_bytes(name);
    entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
    entry.value.value.boolean = 1;
    return entry;
}

std::string closed_by_broker(int code, const amqp_bytes_t& text) {
    return fmt::format("{} {}", code, to_view(text));
}

} // namespace

Connection::Connection(UniqueFd socket, CallWatch& watch, const ConnectionOptions& options)
    : watch_(watch), state_(::amqp_new_connection()), socket_(socket.get()) {
    amqp_socket_t* const transport = state_ ? ::amqp_tcp_socket_new(state_.get()) : nullptr;
    if (!transport)
        throw std::bad_alloc();
    // The library's own connect would wait for each address of the name in turn; dial() has bounded
    // that.
    ::amqp_tcp_socket_set_sockfd(transport, socket.release());
    // Without the watch a publish could hang for ever, so an unwatched connection is not used at
    // all.
    if (!watch_.attach(socket_)) {
        fail("no descriptor is free");
        return;
    }
    const timeval timeout = to_timeval(options.connect_timeout);
    ::amqp_set_handshake_timeout(state_.get(), &timeout);
    ::amqp_set_rpc_timeout(state_.get(), &timeout);
    log_in(options);
}

Connection::~Connection() {
    watch_.detach();
}

void Connection::log_in(const ConnectionOptions& options) {
    // The library's own table lacks both: without them an alarm and a deleted queue are silent.
    std::array capabilities{flag("connection.blocked"), flag("consumer_cancel_notify")};
    std::array<amqp_table_entry_t, 2> entries{};
    entries[0].key = to_bytes("capabilities");
    entries[0].value.kind = AMQP_FIELD_KIND_TABLE;
    entries[0].value.value.table = {static_cast<int>(capabilities.size()), capabilities.data()};
    entries[1].key = to_bytes("connection_name");
    entries[1].value.kind = AMQP_FIELD_KIND_UTF8;
    entries[1].value.value.bytes = to_bytes(options.name);
    const amqp_table_t properties{static_cast<int>(entries.size()), entries.data()};
    const auto heartbeat = std::chrono::ceil<std::chrono::seconds>(options.heartbeat);
    const Endpoint& to = options.endpoint;
    {
        // The login waits for the broker several times. Its timeouts bound the waiting for answers,
        // but not the writes.
        const CallWatch::Call watched(watch_);
        check(::amqp_login_with_properties(state_.get(), to.vhost.c_str(), kChannel, kMaxFrame,
                                           static_cast<int>(heartbeat.count()), &properties, AMQP_SASL_METHOD_PLAIN,
                                           to.user.c_str(), to.password.c_str()));
    }
    amqp_channel_open_t open{amqp_empty_bytes};
    call(AMQP_CHANNEL_OPEN_METHOD, &open, AMQP_CHANNEL_OPEN_OK_METHOD);
}

void Connection::fail(std::string reason) {
    if (ok())
        // The first reason stays, since those after it mostly follow from it.
        failure_ = std::move(reason);
}

bool Connection::read(amqp_frame_t& frame) {
    if (!ok())
        return false;
    timeval now{0, 0};
    const CallWatch::Call watched(watch_);
    // A wait of zero returns at once and still serves the heartbeat. It is also the one call that
    // notices a silent broker without hanging: in rabbitmq-c 0.11 a publish that finds the
    // heartbeat overdue waits without a limit.
    const int status = ::amqp_simple_wait_frame_noblock(state_.get(), &frame, &now);
    // A timeout only means that no frame is here.
    if (status == AMQP_STATUS_TIMEOUT || !check(status))
        return false;
    if (frame.frame_type != AMQP_FRAME_METHOD)
        return true;
    if (frame.payload.method.id == AMQP_CONNECTION_CLOSE_METHOD)
        on_connection_close(frame.payload.method);
    else if (frame.payload.method.id == AMQP_CHANNEL_CLOSE_METHOD)
        on_channel_close(frame.payload.method);
    return ok();
}

bool Connection::has_buffered() const {
    return ok() && (::amqp_frames_enqueued(state_.get()) || ::amqp_data_in_buffer(state_.get()));
}

void Connection::release_frames() {
    // The library keeps the memory of a channel while frames of it are still queued.
    ::amqp_maybe_release_buffers(state_.get());
}

bool Connection::send(amqp_method_number_t method, void* arguments) {
    if (!ok())
        return false;
    const CallWatch::Call watched(watch_);
    return check(::amqp_send_method(state_.get(), kChannel, method, arguments));
}

bool Connection::call(amqp_method_number_t method, void* arguments, amqp_method_number_t answer) {
    if (!ok())
        return false;
    const CallWatch::Call watched(watch_);
    amqp_method_number_t answers[] = {answer, 0};
    return check(::amqp_simple_rpc(state_.get(), kChannel, method, answers, arguments));
}

bool Connection::publish(std::string_view exchange, std::string_view key, const amqp_basic_properties_t& properties,
                         std::string_view body) {
    if (!ok())
        return false;
    // Mandatory makes the broker return a message that no queue takes. Without it such a message is
    // confirmed and gone.
    const amqp_boolean_t mandatory = chaos::mutant("no_mandatory") ? 0 : 1;
    constexpr amqp_boolean_t kImmediate = 0;
    const CallWatch::Call watched(watch_);
    return check(::amqp_basic_publish(state_.get(), kChannel, to_bytes(exchange), to_bytes(key), mandatory, kImmediate,
                                      &properties, to_bytes(body)));
}

void Connection::close(std::chrono::milliseconds budget) {
    if (broken_)
        return;
    // Two answers are waited for, so each gets half of the time.
    const timeval timeout = to_timeval(budget / 2);
    ::amqp_set_rpc_timeout(state_.get(), &timeout);
    const CallWatch::Call watched(watch_);
    if (ok())
        // The broker answers this after it has processed all that was sent on the channel,
        // acknowledgements included.
        check(::amqp_channel_close(state_.get(), kChannel, AMQP_REPLY_SUCCESS));
    if (!broken_)
        check(::amqp_connection_close(state_.get(), AMQP_REPLY_SUCCESS));
    fail("closed");
    broken_ = true;
}

bool Connection::check(int status) {
    // Every error of the library is a negative number.
    if (status >= 0)
        return true;
    broken_ = true;
    fail(::amqp_error_string2(status));
    return false;
}

bool Connection::check(const amqp_rpc_reply_t& reply) {
    if (reply.reply_type == AMQP_RESPONSE_NORMAL)
        return true;
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
        return check(reply.library_error);
    if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
        on_channel_close(reply.reply);
    else
        on_connection_close(reply.reply);
    return false;
}

void Connection::on_channel_close(const amqp_method_t& method) {
    const auto& close = decoded<amqp_channel_close_t>(method);
    amqp_channel_close_ok_t answer{};
    // AMQP 0-9-1 lets nothing but close-ok follow on a channel that the peer has closed.
    send(AMQP_CHANNEL_CLOSE_OK_METHOD, &answer);
    fail(closed_by_broker(close.reply_code, close.reply_text));
}

void Connection::on_connection_close(const amqp_method_t& method) {
    const auto& close = decoded<amqp_connection_close_t>(method);
    fail(closed_by_broker(close.reply_code, close.reply_text));
    broken_ = true;
    // The broker waits for this answer before it closes the socket. Nothing else may be sent on the
    // connection after it, hence `broken_`.
    amqp_connection_close_ok_t answer{};
    const CallWatch::Call watched(watch_);
    ::amqp_send_method(state_.get(), 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &answer);
}

} // namespace smsbcast::adapters::rabbitmq
