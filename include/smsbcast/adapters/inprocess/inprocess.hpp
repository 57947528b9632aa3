#pragma once

#include "smsbcast/ports/message_queue.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>

namespace smsbcast::adapters::inprocess {

class TicketQueue;

/// A queue in memory, for relay and workers that live in one process. Its tickets die with the
/// process; the store knows them all the same, and the sweeper makes them due again. Threads: any
/// number of sides, each on a shard of its own.
///
/// `capacity`: so many tickets wait at most, 1 or more; further ones are refused.
std::shared_ptr<TicketQueue> make_ticket_queue(std::size_t capacity);

/// The context must outlive the publisher. A ticket is confirmed as soon as it lies in the queue.
std::unique_ptr<TicketPublisher> make_ticket_publisher(boost::asio::io_context& shard,
                                                       std::shared_ptr<TicketQueue> queue);

/// `prefetch`: the consumer holds so many tickets unacknowledged at most, 1 or more. The tickets
/// that it holds when it is stopped or destroyed go back to the head of the queue. The context must
/// outlive it.
std::unique_ptr<TicketConsumer> make_ticket_consumer(boost::asio::io_context& shard, std::shared_ptr<TicketQueue> queue,
                                                     std::size_t prefetch);

} // namespace smsbcast::adapters::inprocess
