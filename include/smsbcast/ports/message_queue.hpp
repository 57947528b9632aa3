#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/result.hpp"
#include "smsbcast/domain/ticket.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace smsbcast {

enum class PublishOutcome : std::uint8_t {
    confirmed, ///< the queue has it durably
    refused,   ///< the queue certainly does not have it (nack, or no queue is bound)
    unsettled, ///< no confirm came before the deadline or the connection's end: it may be there or not
};

inline constexpr std::size_t kMaxPublishedAtOnce = 10'000;

/// Tickets that lie aside because nobody took them: those that the broker dropped, and those that
/// no worker could read or that are not ours.
struct ParkedTickets {
    std::int64_t count = 0;
    std::string queue{}; ///< where they lie; empty in a queue that never parks

    friend bool operator==(const ParkedTickets&, const ParkedTickets&) = default;
};

/// The relay's side of the queue. Threads: one shard. Reconnects by itself; while it is down every call fails at once.
class TicketPublisher {
public:
    virtual ~TicketPublisher() = default;

    /// Publishes all, then waits for the confirms; one outcome per ticket, in order.
    /// Errors: unavailable, blocked (nothing was published), overloaded (more than kMaxPublishedAtOnce).
    virtual boost::asio::awaitable<Result<std::vector<PublishOutcome>>> publish(std::vector<TicketRef> tickets,
                                                                                Deadline deadline) = 0;

    /// Tickets that wait in the queue and are held by no consumer. Errors: unavailable, blocked, timeout.
    virtual boost::asio::awaitable<Result<std::int64_t>> waiting(Deadline deadline) = 0;

    /// The parked tickets that still lie there. Errors: unavailable, blocked, timeout.
    virtual boost::asio::awaitable<Result<ParkedTickets>> parked(Deadline deadline) = 0;

    /// Whether a ticket that is published now would go out. Errors: unavailable, blocked (the
    /// broker has raised an alarm).
    virtual Result<void> state() const = 0;

    /// Closes the connection and returns when its thread is done. Idempotent.
    virtual boost::asio::awaitable<void> stop(Deadline deadline) = 0;
};

/// Names a delivery towards the queue that made it; worthless after a reconnect, which acknowledge() knows.
struct DeliveryTag {
    std::uint64_t connection = 0;
    std::uint64_t tag = 0;

    friend auto operator<=>(const DeliveryTag&, const DeliveryTag&) = default;
};

struct Delivery {
    TicketRef ticket;
    DeliveryTag tag;
    bool redelivered = false;
};

/// The worker's side of the queue. A delivery that is not acknowledged comes again, here or
/// elsewhere. At most the prefetch lies here unacknowledged. A delivery that cannot be read as a
/// ticket, or belongs to another installation, is never seen here: the adapter gives it back or
/// parks it, and logs it. Threads: one shard.
class TicketConsumer {
public:
    virtual ~TicketConsumer() = default;

    /// Waits for a delivery and returns all that are there, or none at the deadline. Errors: unavailable while the
    /// connection is down (after waiting a little, so that a loop around it does not spin), stopping after
    /// stop_intake().
    virtual boost::asio::awaitable<Result<std::vector<Delivery>>> receive(Deadline deadline) = 0;

    /// Call it after the commit only. A tag of an earlier connection is ignored: the queue has delivered it again
    /// already.
    virtual void acknowledge(std::vector<DeliveryTag> tags) = 0;

    /// Gives deliveries back to the queue at once, for another consumer.
    virtual void requeue(std::vector<DeliveryTag> tags) = 0;

    virtual bool connected() const = 0;

    /// No further delivery; those handed out can still be acknowledged.
    virtual boost::asio::awaitable<void> stop_intake(Deadline deadline) = 0;

    /// Sends what acknowledgements are waiting, closes, and returns when its thread is done. What was never
    /// acknowledged goes back to the queue. Idempotent.
    virtual boost::asio::awaitable<void> stop(Deadline deadline) = 0;
};

} // namespace smsbcast
