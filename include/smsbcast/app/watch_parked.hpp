#pragma once

#include "smsbcast/ports/clock.hpp"
#include "smsbcast/ports/message_queue.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace smsbcast::app {

/// Notices tickets that the queue set aside, which nobody does on purpose: looks every half minute how many lie there,
/// and says at `warn` when they became more. What lay there when it first looked is told once.
class WatchParked {
public:
    static constexpr std::chrono::seconds kInterval{30};
    static constexpr std::chrono::seconds kRetry{1}; ///< after a look that failed

    WatchParked(TicketPublisher& queue, Clock& clock);

    /// Ends after stop().
    boost::asio::awaitable<void> run();
    void stop();

    /// It is as of the last look, and empty before the first.
    std::optional<std::int64_t> count() const { return count_; }

private:
    boost::asio::awaitable<bool> look();

    TicketPublisher& queue_;
    Clock& clock_;
    std::optional<std::int64_t> count_;
    bool stopping_ = false;
    std::unique_ptr<Signal> stopped_;
};

} // namespace smsbcast::app
