#pragma once

#include "smsbcast/app/send_board.hpp"
#include "smsbcast/app/send_messages.hpp"
#include "smsbcast/ports/clock.hpp"

#include <chrono>
#include <vector>

namespace smsbcast::app {

/// A loop of a lane, as the others see it: it looks by itself whether what it waits for has come.
class SendLoop {
public:
    virtual ~SendLoop() = default;

    /// A ticket came onto the board or left it, or its messages may go out, or may not any more.
    virtual void board_changed() {}

    /// Messages go to the provider again.
    virtual void circuit_closed() {}

    /// SendMessages::stop() was called. A loop that waits for anything else ends its wait.
    virtual void stopping() = 0;
};

/// What the loops of a lane share: the board with what is in hand, the time, and the stop with its deadline.
class SendContext {
public:
    using TimePoint = SendBoard::TimePoint;

    SendContext(Clock& clock, const SendOptions& options, SendBoardOptions board)
        : clock_(clock), options_(options), board_(board) {}

    /// In the order in which they hear of changes.
    void join(std::vector<SendLoop*> loops) { loops_ = std::move(loops); }

    SendBoard& board() { return board_; }
    const SendBoard& board() const { return board_; }
    Clock& clock() const { return clock_; }
    TimePoint now() const { return clock_.now(); }
    const SendOptions& options() const { return options_; }

    /// To be called after every change of the board, except by what only passes a message on.
    void board_changed();
    void circuit_closed();

    void stop(Deadline deadline);
    bool stopping() const { return stopping_; }
    Deadline stop_by() const { return stop_by_; } ///< the end of time before stop()
    bool out_of_time() const { return stopping_ && now() >= stop_by_.at(); }

    /// While this is set, tickets may still come.
    void set_taking(bool taking) { taking_ = taking; }

    /// Nothing is in hand any more and nothing comes, or stop()'s deadline passed.
    bool over() const { return stopping_ && ((!taking_ && board_.empty()) || out_of_time()); }

    /// The deadline of a call that may take `budget`, or until stop()'s deadline.
    Deadline within(Deadline::Clock::duration budget) const { return earlier(clock_.in(budget), stop_by_); }

    /// Waits that long, whatever is notified; ends early at stop()'s deadline only.
    boost::asio::awaitable<void> pause(Signal& signal, std::chrono::milliseconds length);

private:
    Clock& clock_;
    const SendOptions& options_;
    SendBoard board_;
    std::vector<SendLoop*> loops_;
    bool taking_ = false;
    bool stopping_ = false;
    Deadline stop_by_{TimePoint::max()};
};

/// Our clock and the database's run at different speeds, and its answer takes time to come.
inline constexpr std::chrono::milliseconds kLeaseMargin{2000};

/// Waits are ended by a signal; this only bounds them.
inline constexpr std::chrono::seconds kIdleWait{5};

} // namespace smsbcast::app
