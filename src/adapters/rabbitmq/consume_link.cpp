#include "consume_link.hpp"

#include "ticket_body.hpp"

#include "smsbcast/base/log.hpp"

#include <utility>

namespace smsbcast::adapters::rabbitmq {

using namespace std::chrono_literals;

namespace {

// A consumer tag needs to be unique within its channel only, and the channel has one consumer.
constexpr std::string_view kConsumerTag = "tickets";
// A queue full of garbage must not become a log full of lines: one per second with the total, ten
// seconds for foreign tickets.
constexpr auto kWarnPause = 1s;
constexpr auto kForeignPause = 10s;

// A ticket of another installation goes back to the queue, for a consumer of its owner. It does not
// do so for ever, since the owner may be gone: after so many times it is parked, and a living
// owner's sweeper publishes it again.
constexpr std::int64_t kMaxGivenBack = 10;

} // namespace

ConsumeLink::ConsumeLink(Topology topology, const Uuid& installation, int prefetch,
                         std::function<void(ConsumeNews)> tell)
    : topology_(std::move(topology)), installation_(installation), prefetch_(prefetch), tell_(std::move(tell)) {}

void ConsumeLink::opened(Connection& connection) {
    if (intake_ == Intake::open) {
        amqp_basic_qos_t qos{};
        // The prefetch bounds what a worker holds. Without it the broker would push the whole queue
        // into the memory of the first worker that connects.
        qos.prefetch_count = static_cast<std::uint16_t>(prefetch_);
        amqp_basic_consume_t consume{};
        consume.queue = to_bytes(topology_.queue);
        consume.consumer_tag = to_bytes(kConsumerTag);
        // The order matters: a prefetch that is set later does not apply to a consumer that exists
        // already.
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
    // The broker has taken all unsettled deliveries of a lost connection back. A tag of it would
    // name another delivery of this one.
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
    // Deliveries may be on their way until cancel-ok. Without a connection there is nothing to wait
    // for.
    intake_ = sent ? Intake::ending : Intake::ended;
    changed_ = true;
}

void ConsumeLink::on_method(const amqp_method_t& method) {
    // The broker sends this when the queue was deleted, since we announced consumer_cancel_notify.
    // The next connection declares the queue again.
    if (method.id == AMQP_BASIC_CANCEL_METHOD) {
        connection_->fail("the broker canceled the consumer: its queue is gone");
    } else if (method.id == AMQP_BASIC_CANCEL_OK_METHOD) {
        intake_ = Intake::ended;
        changed_ = true;
    }
}

void ConsumeLink::on_content(Content content) {
    // Only publishers get these.
    if (content.returned)
        return;
    const auto body = read_ticket_body(content.body);
    if (!body)
        park_unreadable(content.delivery_tag);
    // A delivery that crossed with our cancel goes back to the queue at once, for a worker that
    // still takes some.
    else if (intake_ != Intake::open)
        reject(content.delivery_tag, true);
    else if (body->installation && *body->installation != installation_)
        refuse_foreign(content, *body->installation);
    else
        news_.deliveries.push_back({body->ticket, {number_, content.delivery_tag}, content.redelivered});
}

void ConsumeLink::park_unreadable(std::uint64_t tag) {
    ++unreadable_;
    // Without requeue, the queue's dead-letter exchange puts it into the parked queue. With requeue
    // it would come back at once, for ever.
    reject(tag, false);
    const auto now = Deadline::Clock::now();
    if (now - warned_at_ < kWarnPause)
        return;
    warned_at_ = now;
    log::warn("ticket_unreadable", {{"parked_in", topology_.parked}, {"total", unreadable_}});
}

void ConsumeLink::refuse_foreign(const Content& content, const Uuid& owner) {
    // Only quorum queues count redeliveries (x-delivery-count). A queue that does not count would
    // hand the ticket out for ever, so it is parked at the second sight.
    const bool counted = content.given_back > 0 || !content.redelivered;
    const bool give_back = counted && content.given_back < kMaxGivenBack;
    ++(give_back ? foreign_.given_back : foreign_.parked);
    foreign_.owner = owner;
    reject(content.delivery_tag, give_back);
}

void ConsumeLink::log_foreign() {
    const auto now = Deadline::Clock::now();
    // Nothing foreign came since the last line, or it is too early for another.
    if (foreign_.owner.is_nil() || now - foreign_logged_at_ < kForeignPause)
        return;
    foreign_logged_at_ = now;
    const auto seen = std::exchange(foreign_, {});
    log::warn("tickets_of_another_installation",
              {{"given_back", seen.given_back},
               {"parked", seen.parked},
               {"queue", topology_.queue},
               {"parked_in", topology_.parked},
               {"installation", installation_},
               {"other", seen.owner},
               {"reason", "another installation uses the same AMQP_PREFIX; give each its own, or none"}});
}

// It changes nothing for deliveries of ours that are open: a reject names exactly one tag.
void ConsumeLink::reject(std::uint64_t tag, bool requeue) {
    amqp_basic_reject_t reject{tag, requeue};
    connection_->send(AMQP_BASIC_REJECT_METHOD, &reject);
}

void ConsumeLink::turn() {
    log_foreign();
    // One post per turn carries all deliveries of the turn, so a burst costs the shard one wake-up.
    if (news_.deliveries.empty() && !changed_)
        return;
    changed_ = false;
    news_.connection = number_;
    news_.connected = connection_ != nullptr;
    news_.intake_ended = intake_ == Intake::ended;
    tell_(std::exchange(news_, {}));
}

void ConsumeLink::closed() {
    // They belong to the connection that just ended, and the broker delivers them again. Handing
    // them on would only make a worker take them twice.
    news_.deliveries.clear();
    if (intake_ == Intake::ending)
        intake_ = Intake::ended;
    changed_ = changed_ || connection_;
    connection_ = nullptr;
    turn();
}

} // namespace smsbcast::adapters::rabbitmq
