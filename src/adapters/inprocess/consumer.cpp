#include "ticket_queue.hpp"

#include "smsbcast/adapters/inprocess/inprocess.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <boost/asio/post.hpp>

#include <map>
#include <utility>

namespace smsbcast::adapters::inprocess {

namespace asio = boost::asio;

namespace {

// Tags count within this object, and there is never another connection.
constexpr std::uint64_t kConnection = 1;

// The worker's side of the queue in memory. Nothing is lost by a crash: the tickets stand in the
// store, and the sweeper makes them due again.
class Consumer final : public TicketConsumer {
public:
    Consumer(asio::io_context& shard, std::shared_ptr<TicketQueue> queue, std::size_t prefetch)
        : queue_(std::move(queue)), prefetch_(prefetch), changed_(std::make_shared<runtime::Wakeup>(shard)) {
        listener_ =
            // The publisher's thread calls the listener under the queue's mutex, so it only posts.
            // The signal is shared, since the post may arrive when the consumer is gone.
            queue_->listen([&shard, changed = changed_] { asio::post(shard, [changed] { changed->notify_all(); }); });
    }

    ~Consumer() override { leave(); }

    asio::awaitable<Result<std::vector<Delivery>>> receive(Deadline deadline) override {
        for (;;) {
            if (stopping_)
                co_return Errc::stopping;
            // Pulling comes before waiting: a notification resumes only those that wait at that
            // moment, and tickets may have come before.
            auto deliveries = pull();
            if (!deliveries.empty() || deadline.passed())
                co_return deliveries;
            // The copy keeps the signal alive while this coroutine waits on it.
            const auto changed = changed_;
            co_await changed->wait(deadline);
        }
    }

    void acknowledge(std::vector<DeliveryTag> tags) override {
        release(tags);
        changed_->notify_all(); // there is room for others
    }

    void requeue(std::vector<DeliveryTag> tags) override { queue_->give_back(release(tags)); }

    bool connected() const override { return !left_; }

    asio::awaitable<void> stop_intake(Deadline) override {
        stopping_ = true;
        changed_->notify_all();
        co_return;
    }

    asio::awaitable<void> stop(Deadline) override {
        stopping_ = true;
        changed_->notify_all();
        leave();
        co_return;
    }

private:
    std::vector<Delivery> pull() {
        std::vector<Delivery> deliveries;
        // The prefetch counts what is unacknowledged, as with a broker, so that one worker does not
        // take the whole queue.
        for (const auto& each : queue_->pull(prefetch_ - held_.size())) {
            const DeliveryTag tag{kConnection, ++last_tag_};
            held_.emplace(tag, each.ticket);
            deliveries.push_back({each.ticket, tag, each.redelivered});
        }
        return deliveries;
    }

    /// In the order in which they were delivered; tags that are not held (any more) are passed over.
    std::vector<TicketRef> release(const std::vector<DeliveryTag>& tags) {
        std::map<DeliveryTag, TicketRef> released;
        for (const auto& tag : tags)
            // An unknown tag extracts an empty node, and inserting that does nothing.
            released.insert(held_.extract(tag));
        std::vector<TicketRef> tickets;
        for (const auto& [tag, ticket] : released)
            tickets.push_back(ticket);
        return tickets;
    }

    void leave() {
        if (std::exchange(left_, true))
            return;
        // After this no listener of ours runs any more, so the tickets that go back wake the other
        // consumers only.
        queue_->ignore(listener_);
        std::vector<TicketRef> tickets;
        for (const auto& [tag, ticket] : std::exchange(held_, {}))
            tickets.push_back(ticket);
        queue_->give_back(tickets);
    }

    std::shared_ptr<TicketQueue> queue_;
    const std::size_t prefetch_;
    std::shared_ptr<runtime::Wakeup> changed_; // also of a notification that is still on its way to the shard
    std::map<DeliveryTag, TicketRef> held_;
    std::uint64_t last_tag_ = 0;
    std::uint64_t listener_ = 0;
    bool stopping_ = false;
    bool left_ = false;
};

} // namespace

std::unique_ptr<TicketConsumer> make_ticket_consumer(asio::io_context& shard, std::shared_ptr<TicketQueue> queue,
                                                     std::size_t prefetch) {
    return std::make_unique<Consumer>(shard, std::move(queue), prefetch);
}

} // namespace smsbcast::adapters::inprocess
