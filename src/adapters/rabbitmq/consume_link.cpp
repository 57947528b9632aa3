#include "consume_link.hpp"

#include "ticket_body.hpp"

#include "smsbcast/base/log.hpp"

#include <utility>

namespace smsbcast::adapters::rabbitmq {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view kConsumerTag = "tickets"; // unique within the channel is enough
constexpr auto kWarnPause = 1s;

} // namespace

ConsumeLink::ConsumeLink(Topology topology, int prefetch, std::function<void(ConsumeNews)> tell)
    : topology_(std::move(topology)), prefetch_(prefetch), tell_(std::move(tell)) {}

void ConsumeLink::opened(Connection& connection) {
    if (intake_ == Intake::open) {
        amqp_basic_qos_t qos{};
        qos.prefetch_count = static_cast<std::uint16_t>(prefetch_);
        amqp_basic_consume_t consume{};
        consume.queue = to_bytes(topology_.queue);
        consume.consumer_tag = to_bytes(kConsumerTag);
        connection.call(AMQP_BASIC_QOS_METHOD, &qos, AMQP_BASIC_QOS_OK_METHOD);
        connection.call(AMQP_BASIC_CONSUME_METHOD, &consume, AMQP_BASIC_CONSUME_OK_METHOD);
    }
    if (!connection.ok())
        return;
    connection_ = &connection;
    ++number_;
    changed_ = true;
}

void ConsumeLink::settle(std::uint64_t connection, Settle how, const std::vector<SettleFrame>& frames) {
    if (!connection_ || connection != number_)
        return;
    for (const auto& [tag, multiple] : frames) {
        if (how == Settle::acknowledge) {
            amqp_basic_ack_t ack{tag, multiple};
            connection_->send(AMQP_BASIC_ACK_METHOD, &ack);
        } else {
            amqp_basic_nack_t nack{tag, multiple, true};
            connection_->send(AMQP_BASIC_NACK_METHOD, &nack);
        }
    }
}

void ConsumeLink::end_intake() {
    if (intake_ != Intake::open)
        return;
    amqp_basic_cancel_t cancel{to_bytes(kConsumerTag), 0};
    const bool sent = connection_ && connection_->send(AMQP_BASIC_CANCEL_METHOD, &cancel);
    intake_ = sent ? Intake::ending : Intake::ended;
    changed_ = true;
}

void ConsumeLink::on_method(const amqp_method_t& method) {
    if (method.id == AMQP_BASIC_CANCEL_METHOD) {
        connection_->fail("the broker canceled the consumer: its queue is gone");
    } else if (method.id == AMQP_BASIC_CANCEL_OK_METHOD) {
        intake_ = Intake::ended;
        changed_ = true;
    }
}

void ConsumeLink::on_content(Content content) {
    if (content.returned)
        return;
    const auto ticket = read_ticket_body(content.body);
    if (!ticket)
        park(content.delivery_tag);
    else if (intake_ != Intake::open)
        give_back(content.delivery_tag);
    else
        news_.deliveries.push_back({*ticket, {number_, content.delivery_tag}, content.redelivered});
}

void ConsumeLink::park(std::uint64_t tag) {
    ++unreadable_;
    amqp_basic_reject_t reject{tag, false};
    connection_->send(AMQP_BASIC_REJECT_METHOD, &reject);
    const auto now = Deadline::Clock::now();
    if (now - warned_at_ < kWarnPause)
        return;
    warned_at_ = now;
    log::warn("ticket_unreadable", {{"parked_in", topology_.parked}, {"total", unreadable_}});
}

void ConsumeLink::give_back(std::uint64_t tag) {
    amqp_basic_reject_t reject{tag, true};
    connection_->send(AMQP_BASIC_REJECT_METHOD, &reject);
}

void ConsumeLink::turn() {
    if (news_.deliveries.empty() && !changed_)
        return;
    changed_ = false;
    news_.connection = number_;
    news_.connected = connection_ != nullptr;
    news_.intake_ended = intake_ == Intake::ended;
    tell_(std::exchange(news_, {}));
}

void ConsumeLink::closed() {
    news_.deliveries.clear();
    if (intake_ == Intake::ending)
        intake_ = Intake::ended;
    changed_ = changed_ || connection_;
    connection_ = nullptr;
    turn();
}

} // namespace smsbcast::adapters::rabbitmq
