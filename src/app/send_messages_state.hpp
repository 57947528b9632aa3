#pragma once

#include "adaptive_rate.hpp"
#include "smsbcast/app/disputed_refusals.hpp"
#include "smsbcast/app/headway.hpp"
#include "smsbcast/app/send_messages.hpp"
#include "unwritten_results.hpp"

#include <span>
#include <vector>

namespace smsbcast::app {

/// Our clock and the database's run at different speeds, and its answer takes time to come.
inline constexpr std::chrono::milliseconds kLeaseMargin{2000};

/// What is left of a stop, when submissions are given up, for recording what they came to.
inline constexpr std::chrono::milliseconds kRecordingTime{1000};

/// Waits are ended by a signal; this only bounds them.
inline constexpr std::chrono::seconds kIdleWait{5};

/// The error class of a refusal that was not said to mean everybody. It is remembered where it cost nothing, too:
/// should the provider accept others and refuse this message again, it was the message's own fault.
inline constexpr std::string_view kDisputed = "disputed";

/// Whether messages go out only after TicketStore::begin(): so that what this worker may have sent when it dies is
/// known, and never sent again.
inline bool marks_in_flight(const SendOptions& options) {
    return options.retry.unknown_policy == UnknownPolicy::wait_then_fail;
}

/// What the loops of a worker share. Each loop stands in a file of its own; they talk through the board and wake each
/// other through the signals.
struct SendMessages::State {
    using TimePoint = SendBoard::TimePoint;

    State(TicketConsumer& to_consumer, TicketStore& to_store, SmsProvider& to_provider, Clock& to_clock,
          SendOptions the_options);

    /// With what a submission began.
    struct Begun {
        CircuitBreaker::Epoch epoch;
        AdaptiveRate::Start start;
        FlightWindow::Start flight;
        TimePoint at;
    };

    /// A refusal of which nobody knows yet whose fault it is.
    struct KeptBack {
        SendItem item;
        Disputed refusal;
    };

    /// Of a lane that has nothing to send.
    struct Rest {
        bool watches;   ///< it waits for the gate's time
        Deadline until; ///< unless it is woken
    };

    boost::asio::awaitable<void> take();
    boost::asio::awaitable<void> wait_while_open();
    boost::asio::awaitable<void> take_all(std::vector<Delivery> deliveries);
    void place(std::span<const Delivery> deliveries, std::vector<TakenTicket> taken, TimePoint asked_at);

    boost::asio::awaitable<void> mark_in_flight();
    boost::asio::awaitable<bool> mark_some(std::vector<TicketRef> refs);
    std::size_t ahead() const;

    boost::asio::awaitable<void> lane();
    Rest begin_rest(TimePoint now, TimePoint gate);
    void end_rest(const Rest& rest);
    void conclude(const SendItem& item, const Begun& begun, SubmitOutcome outcome);
    void settle(const SendItem& item, SubmitOutcome outcome, std::string_view error_class = {});
    bool accepted_since(const SendItem& item) const;

    /// A refusal that does not say whose fault it is (send_dispute.cpp): kept back until that is found out, or given
    /// out as what it is known to be.
    std::optional<SubmitOutcome> judge(const SendItem& item, const Begun& begun, Disputed refusal);
    void settle_disputes();
    void settle_kept_back(DisputedRefusals::Finding finding);
    void note_acceptance(const Begun& begun);

    /// How many more messages may be on their way.
    std::size_t room() const;

    /// When the provider may be given the next message: at once when that is not later than `now`, and at the end of
    /// time while that is for another event to say.
    TimePoint gate_opens_at(TimePoint now) const;
    Begun begin_submission(TimePoint now);
    void end_submission(const Begun& begun, const SubmitOutcome& outcome);
    void note_pace(AdaptiveRate::Change change);
    void circuit_changed(ProviderTrouble why);
    std::optional<SendItem> next_item(TimePoint now);
    void give_back_all();
    bool may_take();

    boost::asio::awaitable<void> record();
    boost::asio::awaitable<bool> record_once();
    boost::asio::awaitable<bool> write();
    void put_aside(const MessageResult& result, bool recorded);
    void leave(const std::vector<MessageResult>& results);
    boost::asio::awaitable<bool> give_back(std::vector<TicketRef> refs);
    TimePoint record_at() const;

    boost::asio::awaitable<void> keep();
    void abandon();
    boost::asio::awaitable<bool> renew();
    boost::asio::awaitable<void> check();

    void stop(Deadline deadline);

    /// Nothing is in hand any more and nothing comes, or stop()'s deadline passed.
    bool over() const;
    bool out_of_time() const { return stopping && clock.now() >= stop_by.at(); }

    /// The deadline of a call that may take `budget`, or until stop()'s deadline.
    Deadline within(Deadline::Clock::duration budget) const;

    /// Waits that long, whatever is notified; ends early at stop()'s deadline only.
    boost::asio::awaitable<void> pause(Signal& signal, std::chrono::milliseconds length);

    /// After every change of the board: acknowledges what left it and wakes whom the change concerns.
    void board_changed();

    TicketConsumer& consumer;
    TicketStore& store;
    SmsProvider& provider;
    Clock& clock;
    SendOptions options;
    WorkerId worker;
    SendBoard board;
    CircuitBreaker breaker;
    std::optional<ProviderTrouble> trouble; ///< why it is not closed
    DisputedRefusals disputes;
    std::vector<KeptBack> kept_back;
    std::optional<Timestamp> accepted_at; ///< when the provider accepted a message last
    AdaptiveRate rate;
    FlightWindow window;
    std::unique_ptr<Signal> taker;
    std::unique_ptr<Signal> marker;
    std::unique_ptr<Signal> lanes;
    std::unique_ptr<Signal> recorder;
    std::unique_ptr<Signal> keeper;
    std::size_t idle_lanes = 0;
    bool gate_watched = false;  ///< a lane waits for the gate's time; the others wait to be woken by one
    TimePoint oldest_result{};  ///< when the first of board.results() came
    UnwrittenResults unwritten; ///< taken out of the board, and not yet recorded
    Headway recording;          ///< of the results that wait to be recorded
    std::int64_t results_put_aside = 0;
    std::int64_t passed_over = 0; ///< deliveries of tickets that the store gave nobody
    bool taking = false;
    bool stopping = false;
    Deadline stop_by{TimePoint::max()};
    Deadline abandon_at{TimePoint::max()}; ///< when submissions under way are given up
};

} // namespace smsbcast::app
