#pragma once

#include "smsbcast/ports/clock.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>

namespace smsbcast::adapters::system {

/// The machine's monotonic clock, and signals whose waits are timers of `shard`.
std::unique_ptr<Clock> make_clock(boost::asio::io_context& shard);

} // namespace smsbcast::adapters::system
