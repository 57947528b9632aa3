#include "topology.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace smsbcast::adapters::rabbitmq {

namespace {

// Parked bodies are for a person to look at. Nobody drains them, so the oldest make room for new
// ones.
constexpr std::int32_t kMaxParked = 10000;

amqp_table_entry_t text_argument(std::string_view name, std::string_view value) {
    amqp_table_entry_t entry{};
    entry.key = to_bytes(name);
    entry.value.kind = AMQP_FIELD_KIND_UTF8;
    entry.value.value.bytes = to_bytes(value);
    return entry;
}

amqp_table_entry_t number_argument(std::string_view name, std::int32_t value) {
    amqp_table_entry_t entry{};
    entry.key = to_bytes(name);
    entry.value.kind = AMQP_FIELD_KIND_I32;
    entry.value.value.i32 = value;
    return entry;
}

bool declare_exchange(Connection& connection, std::string_view name, std::string_view type) {
    amqp_exchange_declare_t declare{};
    declare.exchange = to_bytes(name);
    declare.type = to_bytes(type);
    declare.durable = 1;
    // Without nowait each declaration would cost a round trip. A refusal closes the channel, which
    // the next call that waits shows.
    declare.nowait = 1;
    return connection.send(AMQP_EXCHANGE_DECLARE_METHOD, &declare);
}

enum class Answer { none, counts };

bool declare_queue(Connection& connection, std::string_view name, std::span<amqp_table_entry_t> arguments,
                   Answer answer) {
    amqp_queue_declare_t declare{};
    declare.queue = to_bytes(name);
    // Durable and quorum: a confirmed ticket survives a restart of the broker and the loss of a
    // minority of its nodes.
    declare.durable = 1;
    declare.nowait = answer == Answer::none ? 1 : 0;
    declare.arguments = {static_cast<int>(arguments.size()), arguments.data()};
    return connection.send(AMQP_QUEUE_DECLARE_METHOD, &declare);
}

bool bind_queue(Connection& connection, std::string_view queue, std::string_view exchange, std::string_view key) {
    amqp_queue_bind_t bind{};
    bind.queue = to_bytes(queue);
    bind.exchange = to_bytes(exchange);
    bind.routing_key = to_bytes(key);
    bind.nowait = 1;
    return connection.send(AMQP_QUEUE_BIND_METHOD, &bind);
}

bool declare_dead_letters(Connection& connection, const Topology& names, Answer answer) {
    std::array kept{text_argument("x-queue-type", "quorum"), number_argument("x-max-length", kMaxParked)};
    return declare_exchange(connection, names.dead_letter, "fanout") &&
           declare_queue(connection, names.parked, kept, answer) &&
           bind_queue(connection, names.parked, names.dead_letter, "");
}

} // namespace

Topology::Topology(std::string_view prefix)
    : exchange(prefix), queue(exchange + ".send"), dead_letter(exchange + ".dlx"), parked(exchange + ".parked") {}

bool Topology::declare(Connection& connection) const {
    std::array sent{text_argument("x-queue-type", "quorum"), text_argument("x-dead-letter-exchange", dead_letter)};
    // The place of dead letters is declared before the queue that makes them, so none can be lost
    // in between.
    return declare_dead_letters(connection, *this, Answer::none) && declare_exchange(connection, exchange, "direct") &&
           declare_queue(connection, queue, sent, Answer::none) && bind_queue(connection, queue, exchange, kKey);
}

bool Topology::declare_parked(Connection& connection) const {
    // Exactly one declaration of these answers, so that the publisher can match answers and
    // questions by their order.
    return declare_dead_letters(connection, *this, Answer::counts);
}

bool is_good_prefix(std::string_view prefix) {
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    };
    // AMQP short strings have at most 255 bytes, and the longest suffix must fit as well. Names
    // that begin with "amq." are reserved for the broker.
    return !prefix.empty() && prefix.size() <= 200 && std::ranges::all_of(prefix, good) && !prefix.starts_with("amq.");
}

} // namespace smsbcast::adapters::rabbitmq
