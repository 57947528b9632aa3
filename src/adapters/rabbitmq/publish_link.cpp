#include "publish_link.hpp"

#include "ticket_body.hpp"

#include "smsbcast/base/log.hpp"

#include <charconv>
#include <utility>

namespace smsbcast::adapters::rabbitmq {

using namespace std::chrono_literals;

namespace {

// A ticket is about 300 bytes on the wire, so a full window fits the socket's send buffer
// (dial.cpp): writing never has to wait for a broker that does not read. Throughput stops growing
// well below this size.
constexpr std::size_t kWindow = 1000;

// A queue that is full for a moment recovers within this time; see check_refused().
constexpr std::chrono::seconds kRefusedTooLong{5};
constexpr auto kPause = 1s; // between repairs, and between log lines about the same
constexpr std::uint8_t kPersistent = 2;

} // namespace

PublishLink::PublishLink(Topology topology, const Uuid& installation, std::chrono::milliseconds confirm_timeout,
                         std::function<void(PublishNews)> tell)
    : topology_(std::move(topology)), installation_(installation), confirm_timeout_(confirm_timeout),
      tell_(std::move(tell)), window_(kWindow) {}

void PublishLink::publish(PublishBatch batch) {
    waiting_.push_back({std::move(batch)});
    // Without a connection, or under an alarm, the batch is refused at once: its claims are
    // released, and the relay tries again when the state changes.
    if (!ready())
        give_up_waiting();
}

void PublishLink::ask(std::uint64_t question, Asked queue) {
    amqp_queue_declare_t look{};
    look.queue = to_bytes(topology_.queue);
    // A passive declare changes nothing and answers with the number of messages that are ready in
    // the queue.
    look.passive = 1;
    // Whoever has looked at the parked messages may delete that queue. It is made again rather than
    // missed: a passive declare of a missing queue would cost the channel, and the next dead letter
    // would be lost.
    const auto send = [&] {
        return queue == Asked::parked ? topology_.declare_parked(*connection_)
                                      : connection_->send(AMQP_QUEUE_DECLARE_METHOD, &look);
    };
    if (ready() && send())
        // Answers carry no id, but one channel gives them in the order of the questions.
        questions_.push_back(question);
    else
        news_.counts.emplace_back(question, Errc::unavailable);
}

void PublishLink::opened(Connection& connection) {
    amqp_confirm_select_t select{};
    // Tags count from the moment at which the broker has confirmed this, hence the wait for its
    // answer.
    if (!connection.call(AMQP_CONFIRM_SELECT_METHOD, &select, AMQP_CONFIRM_SELECT_OK_METHOD))
        return;
    connection_ = &connection;
    blocked_ = false;
    refused_since_.reset();
    unblocked_at_ = Deadline::Clock::now();
}

void PublishLink::on_method(const amqp_method_t& method) {
    if (method.id == AMQP_BASIC_ACK_METHOD) {
        const auto& ack = decoded<amqp_basic_ack_t>(method);
        note(window_.on_ack(ack.delivery_tag, ack.multiple != 0));
        // A single confirm shows that the channel works.
        refused_since_.reset();
    } else if (method.id == AMQP_BASIC_NACK_METHOD) {
        const auto& nack = decoded<amqp_basic_nack_t>(method);
        note(window_.on_nack(nack.delivery_tag, nack.multiple != 0));
        warn_refused("nack");
        check_refused();
    } else if (method.id == AMQP_QUEUE_DECLARE_OK_METHOD && !questions_.empty()) {
        const std::int64_t count = decoded<amqp_queue_declare_ok_t>(method).message_count;
        news_.counts.emplace_back(questions_.front(), count);
        questions_.pop_front();
    }
}

void PublishLink::on_content(Content content) {
    if (!content.returned)
        return;
    ConfirmWindow::Tag tag = 0;
    const auto& id = content.correlation_id;
    std::from_chars(id.data(), id.data() + id.size(), tag);
    // The ack that follows this return would otherwise count as a confirm.
    window_.on_return(tag);
    // Somebody deleted the queue, or its binding: it takes no restart to put that right.
    warn_refused(content.reply_text);
    restore_topology();
}

void PublishLink::on_blocked(bool blocked) {
    blocked_ = blocked;
    // The time under an alarm does not count against confirms: the broker did not read, so it could
    // not answer.
    unblocked_at_ = Deadline::Clock::now();
    if (blocked)
        give_up_waiting();
}

void PublishLink::turn() {
    publish_waiting();
    check_overdue();
    news_.state = state();
    // The shard is woken only when there is something new.
    if (news_.settled.empty() && news_.counts.empty() && news_.state == told_)
        return;
    told_ = news_.state;
    tell_(std::exchange(news_, {}));
}

void PublishLink::closed() {
    connection_ = nullptr;
    note(window_.on_connection_lost());
    give_up_waiting();
    for (const auto question : std::exchange(questions_, {}))
        news_.counts.emplace_back(question, Errc::unavailable);
    turn();
}

Result<void> PublishLink::state() const {
    if (!connection_ || !connection_->ok())
        return Errc::unavailable;
    return blocked_ ? Result<void>(Errc::blocked) : Result<void>();
}

void PublishLink::publish_waiting() {
    while (!waiting_.empty() && ready()) {
        Waiting& first = waiting_.front();
        // A batch whose caller has left at its deadline is not written any further; what was
        // written before is settled by its confirms.
        if (first.next == first.batch.tickets.size() || first.batch.deadline.passed()) {
            give_up(first);
            waiting_.pop_front();
            // A full window ends the turn. Confirms that arrive make room, and the next turn goes on.
        } else if (window_.has_room()) {
            publish_one({first.batch.id, first.next}, first.batch.tickets[first.next]);
            ++first.next;
        } else {
            return;
        }
    }
}

void PublishLink::publish_one(BatchEntry entry, const TicketRef& ticket) {
    const auto body = write_ticket_body(ticket, installation_);
    const auto id = to_string(ticket.id);
    // The tag comes back in a basic.return, which carries no delivery tag of its own.
    const auto tag = std::to_string(window_.next_tag());
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG |
                        AMQP_BASIC_CORRELATION_ID_FLAG;
    properties.content_type = to_bytes("application/json");
    properties.delivery_mode = kPersistent;
    properties.message_id = to_bytes(id);
    properties.correlation_id = to_bytes(tag);
    // A write that failed may have been a complete one. The ticket therefore counts as published,
    // and the loss of the connection settles it as `unsettled`.
    window_.on_published(entry, Deadline::Clock::now());
    connection_->publish(topology_.exchange, Topology::kKey, properties, body);
}

void PublishLink::give_up_waiting() {
    for (Waiting& each : std::exchange(waiting_, {}))
        give_up(each);
}

void PublishLink::give_up(Waiting& waiting) {
    for (; waiting.next < waiting.batch.tickets.size(); ++waiting.next)
        // `unpublished` is certain: not one byte of these went to the broker.
        note({{{waiting.batch.id, waiting.next}, Outcome::unpublished}});
}

void PublishLink::check_overdue() {
    const auto oldest = window_.oldest();
    if (!ready() || !oldest)
        return;
    if (Deadline::Clock::now() - std::max(*oldest, unblocked_at_) > confirm_timeout_)
        // A confirm that does not come at all blocks the window for ever. A new connection settles
        // everything of this one as `unsettled`.
        connection_->fail("a confirm is overdue");
}

// RabbitMQ 3.10 goes on refusing on a channel that met a full quorum queue, even when there is room
// again. A new channel ends that.
void PublishLink::check_refused() {
    const auto now = Deadline::Clock::now();
    if (!refused_since_)
        refused_since_ = now;
    else if (now - *refused_since_ > kRefusedTooLong)
        connection_->fail("it has refused everything for too long");
}

void PublishLink::restore_topology() {
    const auto now = Deadline::Clock::now();
    // Every ticket of a batch comes back when the queue is gone; one repair is enough for all of
    // them.
    if (now - restored_at_ < kPause)
        return;
    restored_at_ = now;
    topology_.declare(*connection_);
}

void PublishLink::warn_refused(std::string_view reason) {
    const auto now = Deadline::Clock::now();
    if (now - warned_at_ < kPause)
        return;
    warned_at_ = now;
    log::warn("amqp_publish_refused", {{"exchange", topology_.exchange}, {"reason", reason}});
}

void PublishLink::note(std::vector<Settlement> settled) {
    news_.settled.insert(news_.settled.end(), settled.begin(), settled.end());
}

} // namespace smsbcast::adapters::rabbitmq
