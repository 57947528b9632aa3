#pragma once

#include "smsbcast/app/circuit_breaker.hpp"
#include "smsbcast/app/disputed_refusals.hpp"
#include "smsbcast/app/flight_window.hpp"
#include "smsbcast/app/send_board.hpp"
#include "smsbcast/ports/clock.hpp"
#include "smsbcast/ports/message_queue.hpp"
#include "smsbcast/ports/sms_provider.hpp"
#include "smsbcast/ports/ticket_store.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace smsbcast::app {

struct SendOptions {
    RetryOptions retry;
    BreakerOptions breaker;
    DisputeOptions disputes{};
    std::string provider_address{};         ///< host and port, to be logged; empty: not told
    WindowOptions window;                   ///< how many messages may be on their way; `most` lanes serve them
    std::chrono::milliseconds lease{30000}; ///< 5 s or more, and twice submit_timeout or more
    std::chrono::milliseconds submit_timeout{10000};
    std::chrono::milliseconds store_timeout{10000};
    std::chrono::milliseconds state_check{500};  ///< how often paused and canceled broadcasts are looked for
    std::chrono::milliseconds state_trust{1500}; ///< nothing goes out on an answer that is older than this
    std::size_t result_batch = 500;
    std::chrono::milliseconds result_linger{5};
};

/// Why nothing goes out to a provider.
struct ProviderTrouble {
    bool refused = false;  ///< it is there and refuses every message; otherwise it does not answer
    bool disputed = false; ///< of a refusal: that it means every message was concluded from several of them
    std::string code{};    ///< `http_402`, `connect_refused`
    std::string message{}; ///< its own words, where it had any
};

/// What a worker has learned of its provider.
struct ProviderView {
    Circuit circuit = Circuit::closed;
    std::optional<ProviderTrouble> trouble;           ///< while the circuit is not closed
    std::optional<Deadline::Clock::time_point> since; ///< when messages last began or ceased to go out to it, if ever
    std::optional<double> limit_per_s;                ///< of a provider that throttled
    std::size_t window = 0;                           ///< so many messages may be on their way to it
    std::size_t in_flight = 0;                        ///< so many are
};

/// Whether what came of submissions gets into the store.
struct RecordingView {
    bool stalled = false;       ///< results wait, and for a while none could be recorded
    std::int64_t put_aside = 0; ///< results that the store refused: recorded with less in them, or given up
};

/// The worker: deliveries become tickets under a lease, their messages are submitted on lanes, as many at a time as pay
/// off, results are written in batches, and only then the deliveries are acknowledged.
///
/// Run take(), mark_in_flight(), record() and keep() once each and lane() once per connection, all on one shard. Each
/// failure of a port is waited out and tried again, for as long as it takes; only the deadline of stop() ends that.
/// While the provider is away, or refuses every message, nothing is taken, and what is in hand is given back, so that
/// it waits in the outbox.
class SendMessages {
public:
    SendMessages(TicketConsumer& consumer, TicketStore& store, SmsProvider& provider, Clock& clock,
                 SendOptions options);
    ~SendMessages();

    boost::asio::awaitable<void> take();           ///< deliveries → tickets
    boost::asio::awaitable<void> mark_in_flight(); ///< for a provider without idempotency keys:
                                                   ///< TicketStore::mark_in_flight
    boost::asio::awaitable<void> lane();           ///< messages → provider → results
    boost::asio::awaitable<void> record();         ///< results → database → acknowledgements; gives tickets back
    boost::asio::awaitable<void> keep();           ///< renews leases, notices pause and cancel

    /// Takes nothing more and submits nothing more; what is on its way ends, is recorded, and the rest is given back.
    /// All loops end then, or at the deadline: what is not written by then stays unacknowledged, and its lease lapses.
    /// Submissions that are still under way a second before it are abandoned, so that their outcome can be recorded.
    void stop(Deadline deadline);

    /// Tickets. At most as many as the queue lets a consumer hold.
    std::size_t in_hand() const;

    ProviderView provider() const;

    RecordingView recording() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace smsbcast::app
