#pragma once

#include "smsbcast/app/provider_lane.hpp"
#include "smsbcast/ports/clock.hpp"
#include "smsbcast/ports/message_queue.hpp"
#include "smsbcast/ports/sms_provider.hpp"
#include "smsbcast/ports/ticket_store.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace smsbcast::app {

struct SendOptions {
    std::chrono::milliseconds lease{30000}; ///< 5 s or more, and twice LaneOptions::submit_timeout or more
    std::chrono::milliseconds store_timeout{10000};
    std::chrono::milliseconds state_check{500};  ///< how often paused and canceled broadcasts are looked for
    std::chrono::milliseconds state_trust{1500}; ///< nothing goes out on an answer that is older than this
    std::size_t result_batch = 500;
    std::chrono::milliseconds result_linger{5};
};

/// A lane of a worker: the queue with its tickets and the provider that its messages go to, which is started. Both must
/// outlive the worker, and no two lanes share one.
struct LaneSetup {
    TicketConsumer& consumer;
    SmsProvider& provider;
    LaneOptions options;
};

/// Whether what came of submissions gets into the store.
struct RecordingView {
    bool stalled = false;       ///< results wait, and for a while none could be recorded
    std::int64_t put_aside = 0; ///< results that the store refused: recorded with less in them, or given up
};

/// The worker: deliveries become tickets under a lease, their messages are submitted through a lane, as many at a time
/// as pay off, results are written in batches, and only then the deliveries are acknowledged.
///
/// For each lane run take(), mark_in_flight(), record() and keep() once each and submit() once per connection, all on
/// one shard. Lanes share nothing but the store, so a slow provider holds up none but its own messages. Each failure of
/// a port is waited out and tried again, for as long as it takes; only the deadline of stop() ends that. While the
/// provider is away, or refuses every message, nothing is taken, and what is in hand is given back, so that it waits in
/// the outbox.
class SendMessages {
public:
    SendMessages(const std::vector<LaneSetup>& lanes, TicketStore& store, Clock& clock, SendOptions options);
    ~SendMessages();

    std::size_t lanes() const { return pipelines_.size(); }

    /// Lanes are numbered from 0, in the order in which they were given.
    boost::asio::awaitable<void> take(std::size_t lane);           ///< deliveries → tickets
    boost::asio::awaitable<void> mark_in_flight(std::size_t lane); ///< for a provider without idempotency keys:
                                                                   ///< TicketStore::mark_in_flight
    boost::asio::awaitable<void> submit(std::size_t lane);         ///< messages → provider → results
    boost::asio::awaitable<void> record(std::size_t lane); ///< results → database → acknowledgements; gives tickets
                                                           ///< back
    boost::asio::awaitable<void> keep(std::size_t lane);   ///< renews leases, notices pause and cancel

    /// Takes nothing more and submits nothing more; what is on its way ends, is recorded, and the rest is given back.
    /// All loops end then, or at the deadline: what is not written by then stays unacknowledged, and its lease lapses.
    /// Submissions that are still under way a second before it are given up, so that their outcome can be recorded, and
    /// the providers are stopped at the end.
    void stop(Deadline deadline);

    /// Counts tickets. There are at most as many as the queues let a consumer hold.
    std::size_t in_hand() const;

    const std::string& name(std::size_t lane) const;
    ProviderView provider(std::size_t lane) const;
    RecordingView recording() const;

private:
    struct Pipeline;

    Clock& clock_;
    SendOptions options_;
    std::vector<std::unique_ptr<Pipeline>> pipelines_;
};

} // namespace smsbcast::app
