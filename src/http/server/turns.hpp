#pragma once

#include "smsbcast/runtime/wakeup.hpp"

#include <cstddef>

namespace smsbcast::http {

/// Lets so many through at once; others wait, in order.
class Turns {
public:
    Turns(runtime::asio::io_context& shard, std::size_t most) : most_(most), given_on_(shard) {}

    /// False when the deadline came first. Otherwise give_back() must follow.
    runtime::Awaitable<bool> take(Deadline deadline);
    void give_back();

private:
    std::size_t most_;
    std::size_t taken_ = 0;
    std::size_t waiting_ = 0;
    runtime::Wakeup given_on_; // to one that waits: `taken_` stays as it is
};

/// Gives a turn back when it goes.
class Turn {
public:
    explicit Turn(Turns& turns) : turns_(turns) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { turns_.give_back(); }

private:
    Turns& turns_;
};

} // namespace smsbcast::http
