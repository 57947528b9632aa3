#pragma once

#include "smsbcast/app/adaptive_rate.hpp"
#include "smsbcast/app/circuit_breaker.hpp"
#include "smsbcast/app/disputed_refusals.hpp"
#include "smsbcast/app/flight_window.hpp"
#include "smsbcast/app/send_board.hpp"
#include "smsbcast/base/random.hpp"
#include "smsbcast/domain/retry_policy.hpp"
#include "smsbcast/domain/submit_outcome.hpp"
#include "smsbcast/ports/sms_provider.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace smsbcast::app {

struct LaneOptions {
    std::string address{}; ///< host and port of the provider, to be logged; empty: not logged
    RetryOptions retry;    ///< what becomes of a message that was not accepted
    BreakerOptions breaker;
    DisputeOptions disputes{};
    WindowOptions window; ///< how many messages may be on their way; as many submit loops as its `most` serve them
    std::chrono::milliseconds submit_timeout{10000};
};

/// Why nothing goes out to a provider.
struct ProviderTrouble {
    bool refused = false;  ///< it is there and refuses every message; otherwise it does not answer
    bool disputed = false; ///< of a refusal: that it means every message was concluded from several of them
    std::string code{};    ///< `http_402`, `connect_refused`
    std::string message{}; ///< its own words, where it had any
};

/// What a lane has learned of its provider.
struct ProviderView {
    Circuit circuit = Circuit::closed;
    std::optional<ProviderTrouble> trouble;           ///< while the circuit is not closed
    std::optional<Deadline::Clock::time_point> since; ///< when messages last began or ceased to go out to it, if ever
    std::optional<double> limit_per_s;                ///< of a provider that throttled: weight a second
    std::size_t window = 0;                           ///< so many messages may be on their way to it
    std::size_t in_flight = 0;                        ///< so many are
};

/// A submission under way: the message, and with what state of the lane it began. Each ends with one end().
struct LaneSubmission {
    SendItem item;
    Deadline::Clock::time_point at{};
    CircuitBreaker::Epoch epoch = 0;
    AdaptiveRate::Start rate;
    FlightWindow::Start flight;
};

/// A message that was submitted and what it came to.
struct Concluded {
    SendItem item;
    MessageResult result;
};

/// What a call of the lane came to.
struct LaneNews {
    std::vector<Concluded> concluded; ///< none of a message whose refusal is disputed: it follows with a later call
    bool opened = false;              ///< the circuit: the messages that wait are to be given back
    bool closed = false;              ///< the circuit: messages go out again
};

/// One provider, and everything that decides whether, when and how many messages go to it: the circuit breaker, the
/// rate (in weight), the window, the disputed refusals and the retry policy.
///
/// The lane submits nothing itself: its caller asks opens_at(), begins, submits to provider() and ends. Each decision
/// can be stepped: time comes in as an argument, chance as a function, and no call waits. Changes are logged here.
class ProviderLane {
public:
    using TimePoint = Deadline::Clock::time_point;
    using Draw = double (*)(); ///< uniform in [0, 1)

    ProviderLane(SmsProvider& provider, LaneOptions options, Draw draw = random_fraction);

    /// The provider's, so each lane of a worker has another one.
    const std::string& name() const { return provider_.name(); }

    SmsProvider& provider() const { return provider_; }
    const LaneOptions& options() const { return options_; }

    /// When the next message may begin: at once when that is not later than `now`, and at the end of time while that
    /// is for another event to say. Asking costs nothing.
    TimePoint opens_at(TimePoint now) const;

    /// How many more messages the window has room for.
    std::size_t room() const;

    /// How many messages may be on their way together.
    std::size_t window() const { return window_.size(); }

    /// The message that opens_at() allows to begin next: a random one when it probes the provider, else in turns.
    std::optional<SendItem> next(SendBoard& board, TimePoint now) const;

    /// A message begins, which opens_at() allowed.
    LaneSubmission begin(SendItem item, int weight, TimePoint now);

    /// Its outcome.
    LaneNews end(LaneSubmission submission, SubmitOutcome outcome, TimePoint now);

    /// Concludes the disputed refusals of which time has told whose fault they are. Call it every half second or so.
    LaneNews settle_disputes(TimePoint now);

    /// Nothing follows any more: disputed refusals are concluded now, and submissions that end after this tell nothing
    /// of the provider.
    LaneNews stop(TimePoint now);

    /// Whether tickets may be taken for it: not while the circuit is open, which a call after may_take_at() ends.
    bool may_take(TimePoint now);
    TimePoint may_take_at() const { return breaker_.open_until(); }

    Circuit circuit() const { return breaker_.state(); }

    /// Messages go out only after TicketStore::mark_in_flight(), so that what may have been sent when this worker dies
    /// is known, and is never sent again.
    bool marks_in_flight() const { return options_.retry.unknown_policy == UnknownPolicy::wait_then_fail; }

    ProviderView view(TimePoint now) const;

private:
    /// A refusal of which nobody knows yet whose fault it is.
    struct KeptBack {
        SendItem item;
        Disputed refusal;
    };

    void learn(const LaneSubmission& submission, const SubmitOutcome& outcome, TimePoint now, LaneNews& news);
    std::optional<SubmitOutcome> judge(const LaneSubmission& submission, Disputed refusal, TimePoint now,
                                       LaneNews& news);
    bool accepted_since(const SendItem& item) const;
    void note_acceptance(const LaneSubmission& submission, TimePoint now, LaneNews& news);
    void note_pace(AdaptiveRate::Change change, TimePoint now) const;
    void note_circuit(ProviderTrouble why, TimePoint now, LaneNews& news);
    void settle_kept_back(DisputedRefusals::Finding finding, TimePoint now, LaneNews& news);
    Concluded conclude(SendItem item, SubmitOutcome outcome, bool is_disputed = false) const;

    SmsProvider& provider_;
    LaneOptions options_;
    Draw draw_;
    CircuitBreaker breaker_;
    std::optional<ProviderTrouble> trouble_; ///< why the circuit is not closed
    AdaptiveRate rate_;
    FlightWindow window_;
    DisputedRefusals disputes_;
    std::vector<KeptBack> kept_back_;
    std::optional<Timestamp> accepted_at_; ///< when the provider accepted a message last
    bool stopping_ = false;
};

} // namespace smsbcast::app
