#pragma once

#include "connection.hpp"
#include "content_reader.hpp"

namespace smsbcast::adapters::rabbitmq {

/// The work of one direction with a connection. All calls come from the AMQP thread; whatever the
/// shard is to know is posted to it.
class Link {
public:
    virtual ~Link() = default;

    /// The connection is logged in, the topology declared. Puts the channel to work; a failure shows in the connection.
    virtual void opened(Connection& connection) = 0;

    virtual void on_method(const amqp_method_t& method) = 0;
    virtual void on_content(Content content) = 0;
    virtual void on_blocked(bool blocked) = 0;

    /// Everything that had arrived is handled: write what there is to write, and post the news to
    /// the shard.
    virtual void turn() = 0;

    /// The connection of opened() is about to go. Also called when opened() failed.
    virtual void closed() = 0;
};

} // namespace smsbcast::adapters::rabbitmq
