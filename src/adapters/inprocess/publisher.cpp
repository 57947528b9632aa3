#include "ticket_queue.hpp"

#include "smsbcast/adapters/inprocess/inprocess.hpp"

#include <utility>

namespace smsbcast::adapters::inprocess {

namespace asio = boost::asio;

namespace {

// The relay's side of the queue in memory, for `all` without a broker. There is nothing to wait
// for: a ticket in the queue is confirmed, and one without room is refused, so its claim is
// released and it comes again.
class Publisher final : public TicketPublisher {
public:
    explicit Publisher(std::shared_ptr<TicketQueue> queue) : queue_(std::move(queue)) {}

    asio::awaitable<Result<std::vector<PublishOutcome>>> publish(std::vector<TicketRef> tickets, Deadline) override {
        if (stopped_)
            co_return Errc::unavailable;
        if (tickets.size() > kMaxPublishedAtOnce)
            co_return Errc::overloaded;
        // The queue takes tickets from the first on, as far as there is room.
        std::vector<PublishOutcome> outcomes(queue_->push(tickets), PublishOutcome::confirmed);
        outcomes.resize(tickets.size(), PublishOutcome::refused);
        co_return outcomes;
    }

    asio::awaitable<Result<std::int64_t>> waiting(Deadline) override {
        if (stopped_)
            co_return Errc::unavailable;
        co_return static_cast<std::int64_t>(queue_->waiting());
    }

    asio::awaitable<Result<ParkedTickets>> parked(Deadline) override {
        if (stopped_)
            co_return Errc::unavailable;
        // Every ticket here was made by this process, so none is unreadable or foreign.
        co_return ParkedTickets{};
    }

    Result<void> state() const override { return stopped_ ? Result<void>(Errc::unavailable) : Result<void>(); }

    asio::awaitable<void> stop(Deadline) override {
        stopped_ = true;
        co_return;
    }

private:
    std::shared_ptr<TicketQueue> queue_;
    bool stopped_ = false;
};

} // namespace

std::shared_ptr<TicketQueue> make_ticket_queue(std::size_t capacity) {
    return std::make_shared<TicketQueue>(capacity);
}

std::unique_ptr<TicketPublisher> make_ticket_publisher(asio::io_context&, std::shared_ptr<TicketQueue> queue) {
    return std::make_unique<Publisher>(std::move(queue));
}

} // namespace smsbcast::adapters::inprocess
