#include "consumer.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace smsbcast::adapters::rabbitmq {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// receive() waits so long for a connection before it says that there is none: a reconnect after a
// short fault mostly ends within it, and a caller that loops does not spin.
constexpr auto kPatience = 500ms;

} // namespace

RabbitConsumer::RabbitConsumer(asio::io_context& shard, AmqpThread::Options options, const Uuid& installation,
                               int prefetch)
    : state_(std::make_shared<State>(shard)), link_(options.topology, installation, prefetch, teller(shard, state_)),
      thread_(shard, std::move(options), link_) {}

std::function<void(ConsumeNews)> RabbitConsumer::teller(asio::io_context& shard, std::shared_ptr<State> state) {
    // The AMQP thread calls this, the posted function runs on the shard. It owns `state`, since the
    // consumer may be gone when it runs.
    return [&shard, state = std::move(state)](ConsumeNews news) {
        asio::post(shard, [state, news = std::move(news)]() mutable { state->take(std::move(news)); });
    };
}

void RabbitConsumer::State::take(ConsumeNews news) {
    // Deliveries of the lost connection that nobody has asked for are dropped: the broker delivers
    // them again.
    if (news.connection != connection || !news.connected) {
        ready.clear();
        ledger.on_connection_lost();
    }
    connection = news.connection;
    connected = news.connected;
    intake_ended = news.intake_ended;
    for (const auto& delivery : news.deliveries) {
        ledger.on_delivered(delivery.tag.tag);
        ready.push_back(delivery);
    }
    changed.notify_all();
}

asio::awaitable<Result<std::vector<Delivery>>> RabbitConsumer::receive(Deadline deadline) {
    const auto state = state_;
    const Deadline patience = earlier(Deadline::after(kPatience), deadline);
    for (;;) {
        // What was ready when the intake ended was given back, so nothing is lost by saying so
        // first.
        if (state->stopping)
            co_return Errc::stopping;
        if (!state->ready.empty())
            co_return std::exchange(state->ready, {});
        const Deadline until = state->connected ? deadline : patience;
        if (until.passed() && !state->connected)
            co_return Errc::unavailable;
        if (until.passed())
            co_return std::vector<Delivery>();
        co_await state->changed.wait(until);
    }
}

void RabbitConsumer::settle(Settle how, const std::vector<DeliveryTag>& tags) {
    std::vector<std::uint64_t> present;
    for (const auto& tag : tags) {
        // A worker may hold a ticket across a reconnect. Its acknowledgement is then dropped, the
        // ticket comes again, and its fence shows that it was dealt with.
        if (tag.connection == state_->connection)
            present.push_back(tag.tag);
    }
    auto frames = state_->ledger.settle(present);
    if (frames.empty())
        return;
    // Every command settles deliveries of which at most the prefetch is open, so the mailbox always
    // has room.
    thread_.submit([this, how, connection = state_->connection, frames = std::move(frames)] {
        link_.settle(connection, how, frames);
    });
}

void RabbitConsumer::end_intake() {
    // Both stop_intake() and stop() end the intake; the second one finds nothing to do.
    if (std::exchange(state_->stopping, true))
        return;
    thread_.submit([this] { link_.end_intake(); });
    give_back_ready();
    state_->changed.notify_all();
}

void RabbitConsumer::give_back_ready() {
    std::vector<DeliveryTag> tags;
    for (const auto& delivery : std::exchange(state_->ready, {}))
        tags.push_back(delivery.tag);
    requeue(std::move(tags));
}

asio::awaitable<void> RabbitConsumer::stop_intake(Deadline deadline) {
    const auto state = state_;
    end_intake();
    while (!state->intake_ended && !deadline.passed())
        co_await state->changed.wait(deadline);
    // What was on its way here while the intake ended.
    give_back_ready();
}

asio::awaitable<void> RabbitConsumer::stop(Deadline deadline) {
    end_intake();
    // The thread sends the acknowledgements that wait before it closes the channel.
    co_await thread_.stop(deadline);
}

} // namespace smsbcast::adapters::rabbitmq
