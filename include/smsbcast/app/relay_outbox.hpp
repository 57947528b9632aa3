#pragma once

#include "smsbcast/app/queue_depth.hpp"
#include "smsbcast/ports/clock.hpp"
#include "smsbcast/ports/message_queue.hpp"
#include "smsbcast/ports/outbox.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace smsbcast::app {

struct RelayOptions {
    int batch_messages = 500; ///< claimed by one call; a turn makes as many as the queue has room for
    std::chrono::milliseconds poll_interval{500};
    std::chrono::milliseconds claim_lease{20000};
    std::chrono::milliseconds confirm_timeout{10000};
    std::chrono::milliseconds store_timeout{10000};
    QueueDepthOptions depth;
};

/// Moves due tickets from the outbox into the queue: claim, publish, wait for the confirms, mark. What is not confirmed
/// is released and published again; a ticket may be published twice, and the fence of TicketStore::take makes that
/// harmless.
class RelayOutbox {
public:
    RelayOutbox(Outbox& outbox, TicketPublisher& publisher, Clock& clock, RelayOptions options);

    /// Ends after stop(), with nothing claimed left behind.
    boost::asio::awaitable<void> run();
    void stop();

private:
    enum class Turn { worked, queue_full, nothing_due, failed };
    struct Claim {
        std::vector<ClaimedTicket> tickets;
        bool failed = false; ///< the last call did; the tickets of those before it are ours all the same
    };
    boost::asio::awaitable<Turn> turn();
    boost::asio::awaitable<Claim> claim(std::int64_t room);
    boost::asio::awaitable<bool> publish(std::vector<ClaimedTicket> claimed);
    boost::asio::awaitable<bool> settle(std::vector<TicketRef> confirmed, std::vector<TicketRef> others);
    boost::asio::awaitable<void> rest(Turn last);
    boost::asio::awaitable<void> wait_for_work();

    Outbox& outbox_;
    TicketPublisher& publisher_;
    Clock& clock_;
    RelayOptions options_;
    QueueDepth depth_;
    std::int64_t published_ = 0; ///< messages, since depth_ was told
    int failures_ = 0;
    bool stopping_ = false;
    std::unique_ptr<Signal> stopped_;
};

} // namespace smsbcast::app
