#include "broker.hpp"

#include "adapters/rabbitmq/librabbitmq.hpp"
#include "support/patience.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdlib>

namespace smsbcast::test::queue {

namespace {

amqp_bytes_t bytes(std::string_view text) {
    return {text.size(), const_cast<char*>(text.data())};
}

struct ParsedUrl {
    explicit ParsedUrl(std::string url) : text(std::move(url)) {
        amqp_default_connection_info(&info);
        REQUIRE(amqp_parse_url(text.data(), &info) == AMQP_STATUS_OK);
    }
    std::string text;
    amqp_connection_info info{};
};

} // namespace

struct Broker::State {
    amqp_connection_state_t connection = amqp_new_connection();

    void check(const amqp_rpc_reply_t& reply) const { REQUIRE(reply.reply_type == AMQP_RESPONSE_NORMAL); }
    void check() const { check(amqp_get_rpc_reply(connection)); }
};

Broker::Broker() : state_(new State) {
    const ParsedUrl url(amqp_url());
    amqp_socket_t* const socket = amqp_tcp_socket_new(state_->connection);
    const timeval timeout{kPatience.count(), 0};
    REQUIRE(amqp_socket_open_noblock(socket, url.info.host, url.info.port, &timeout) == AMQP_STATUS_OK);
    amqp_set_rpc_timeout(state_->connection, &timeout);
    const char* const vhost = *url.info.vhost == '\0' ? "/" : url.info.vhost;
    state_->check(
        amqp_login(state_->connection, vhost, 1, 131072, 0, AMQP_SASL_METHOD_PLAIN, url.info.user, url.info.password));
    amqp_channel_open(state_->connection, 1);
    state_->check();
}

Broker::~Broker() {
    amqp_destroy_connection(state_->connection);
    delete state_;
}

void Broker::publish(std::string_view exchange, std::string_view key, std::string_view body) {
    REQUIRE(amqp_basic_publish(state_->connection, 1, bytes(exchange), bytes(key), 0, 0, nullptr, bytes(body)) ==
            AMQP_STATUS_OK);
}

void Broker::declare_classic_queue(std::string_view queue) {
    amqp_queue_declare(state_->connection, 1, bytes(queue), 0, 1, 0, 0, amqp_empty_table);
    state_->check();
}

void Broker::delete_queue(std::string_view queue) {
    amqp_queue_delete(state_->connection, 1, bytes(queue), 0, 0);
    state_->check();
}

void Broker::delete_exchange(std::string_view exchange) {
    amqp_exchange_delete(state_->connection, 1, bytes(exchange), 0);
    state_->check();
}

std::string Broker::take(std::string_view queue) {
    const auto reply = amqp_basic_get(state_->connection, 1, bytes(queue), 1);
    state_->check(reply);
    if (reply.reply.id != AMQP_BASIC_GET_OK_METHOD)
        return {};
    amqp_message_t message;
    state_->check(amqp_read_message(state_->connection, 1, &message, 0));
    std::string body(static_cast<const char*>(message.body.bytes), message.body.len);
    amqp_destroy_message(&message);
    amqp_maybe_release_buffers(state_->connection);
    return body;
}

std::vector<std::string> Broker::take_all(std::string_view queue, std::size_t count) {
    std::vector<std::string> bodies;
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (bodies.size() < count && std::chrono::steady_clock::now() < deadline) {
        if (auto body = take(queue); !body.empty())
            bodies.push_back(std::move(body));
    }
    REQUIRE(bodies.size() == count);
    return bodies;
}

std::string required_environment(const char* name) {
    const char* const value = std::getenv(name);
    if (!value || *value == '\0')
        FAIL(name << " is not set; scripts/test sets it");
    return value;
}

std::string amqp_url() {
    return required_environment("AMQP_URL");
}

std::string amqp_url_through(std::uint16_t port) {
    const ParsedUrl url(amqp_url());
    return std::string("amqp://") + url.info.user + ':' + url.info.password + "@127.0.0.1:" + std::to_string(port) +
           '/';
}

std::uint16_t amqp_port() {
    return static_cast<std::uint16_t>(ParsedUrl(amqp_url()).info.port);
}

void rabbitmqctl(const std::string& arguments) {
    const std::string command = std::string(SMSBCAST_SOURCE_DIR "/scripts/servers rabbitmqctl ") +
                                required_environment("SMSBCAST_SERVERS_DIR") + ' ' + arguments + " >/dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
}

} // namespace smsbcast::test::queue
