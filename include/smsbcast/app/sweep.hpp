#pragma once

#include "smsbcast/app/headway.hpp"
#include "smsbcast/app/receipt_watch.hpp"
#include "smsbcast/ports/clock.hpp"
#include "smsbcast/ports/housekeeping.hpp"
#include "smsbcast/ports/message_queue.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace smsbcast::app {

struct SweepOptions {
    std::chrono::milliseconds interval{1000};
    bool queue_begins_empty = false; ///< what was queued before this object was made is lost
    std::chrono::milliseconds queued_recheck{20000};
    std::chrono::milliseconds resolve_within{3600000};
    std::chrono::milliseconds inbox_retention{72 * 3600 * 1000};
    std::chrono::milliseconds store_timeout{10000};
    std::string webhook_url{}; ///< where receipts are to come, without passwords, to be logged
};

/// Once an interval, everything of ports/housekeeping.hpp, each until nothing is left to do (or it had many turns: then
/// the others get theirs first); purging once a minute. Warns when no receipt comes at all.
class Sweep {
public:
    Sweep(Housekeeping& housekeeping, TicketPublisher& queue, Clock& clock, SweepOptions options);

    boost::asio::awaitable<void> run();

    /// One round. False when the database did not answer.
    boost::asio::awaitable<bool> round();
    void stop();

    /// No step has succeeded for a while.
    bool stalled() const { return headway_.stalled(clock_.now()); }

private:
    using Moved = boost::asio::awaitable<Result<std::int64_t>>;
    struct Step {
        const char* event;
        Moved (Sweep::*run)();
        const char* cause = nullptr; ///< of what should not happen, and is told at `warn`
    };
    static const Step kSteps[];

    boost::asio::awaitable<bool> repeat(Step step);
    Moved expire_leases();
    Moved requeue_forgotten();
    Moved requeue_lost();
    Moved match_inbox();
    Moved finish_cancels();
    Moved expire_broadcasts();
    Moved end_unresolved();
    Moved complete();
    Moved purge_inbox();
    boost::asio::awaitable<void> watch_receipts();
    Deadline budget() const { return clock_.in(options_.store_timeout); }

    Housekeeping& housekeeping_;
    TicketPublisher& queue_;
    Clock& clock_;
    SweepOptions options_;
    Headway headway_;
    ReceiptWatch receipts_;
    bool stopping_ = false;
    const Deadline::Clock::time_point began_;
    bool queue_began_empty_;
    Deadline::Clock::time_point purge_at_;
    std::unique_ptr<Signal> stopped_;
};

} // namespace smsbcast::app
