#pragma once

#include "connection.hpp"

#include <string>
#include <string_view>

namespace smsbcast::adapters::rabbitmq {

/// The exchange, the queues and the names in them; see the README for the picture.
struct Topology {
    explicit Topology(std::string_view prefix);

    static constexpr std::string_view kKey = "send";

    std::string exchange;    ///< the prefix, direct: whatever is published goes here with the key
    std::string queue;       ///< `.send`, quorum
    std::string dead_letter; ///< `.dlx`, fanout
    std::string parked;      ///< `.parked`: what the broker dropped, and what no worker could take

    /// Sends all declarations without waiting. They change nothing where everything stands as it should; a broker that
    /// has a queue of that name with other properties closes the channel, which the next call() or read() shows.
    bool declare(Connection& connection) const;

    /// Declares the part of it that keeps dead letters. The broker answers with a declare-ok that
    /// counts them.
    bool declare_parked(Connection& connection) const;
};

/// True when the prefix makes names that need no quoting anywhere.
bool is_good_prefix(std::string_view prefix);

} // namespace smsbcast::adapters::rabbitmq
