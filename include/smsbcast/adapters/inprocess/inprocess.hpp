#pragma once

#include "smsbcast/ports/message_queue.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>

namespace smsbcast::adapters::inprocess {

class TicketQueue;

/// A queue in memory, for relay and workers that live in one process. What it holds dies with the process; the store
/// knows it all the same, and the sweeper makes it due again. Threads: any number of sides, each on a shard of its own.
///
/// `capacity`: 1 or more tickets wait at most; what is published beyond that is refused.
std::shared_ptr<TicketQueue> make_ticket_queue(std::size_t capacity);

/// The context must outlive what is returned.
std::unique_ptr<TicketPublisher> make_ticket_publisher(boost::asio::io_context& shard,
                                                       std::shared_ptr<TicketQueue> queue);

/// `prefetch`: 1 or more tickets that it holds unacknowledged at most. What it holds when it is stopped or destroyed
/// goes back to the head of the queue.
std::unique_ptr<TicketConsumer> make_ticket_consumer(boost::asio::io_context& shard, std::shared_ptr<TicketQueue> queue,
                                                     std::size_t prefetch);

} // namespace smsbcast::adapters::inprocess
