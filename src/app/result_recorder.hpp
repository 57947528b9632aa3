#pragma once

#include "send_context.hpp"
#include "smsbcast/app/headway.hpp"
#include "smsbcast/app/provider_lane.hpp"
#include "unwritten_results.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace smsbcast::app {

/// Results are written in batches, tickets whose messages must not go out are given back, and only then the deliveries
/// of the tickets that left the board are acknowledged.
class ResultRecorder final : public SendLoop {
public:
    ResultRecorder(SendContext& context, TicketConsumer& consumer, TicketStore& store, const ProviderLane& lane);

    /// Until everything is written, or the deadline of stop().
    boost::asio::awaitable<void> run();

    /// What a message on its way came to.
    void add(MessageResult result);

    /// Gives back all of the board that is not on its way: it waits in the outbox, where any worker finds it.
    void give_back_all();

    RecordingView view() const { return {recording_.stalled(context_.now()), put_aside_}; }

    void board_changed() override;
    void stopping() override { wake_->notify_all(); }

private:
    SendContext::TimePoint due_at() const;
    boost::asio::awaitable<bool> record();
    boost::asio::awaitable<bool> write();
    void note_put_aside(const MessageResult& result, bool recorded);
    void leave(const std::vector<MessageResult>& results);
    boost::asio::awaitable<bool> give_back(std::vector<TicketRef> refs);

    SendContext& context_;
    TicketConsumer& consumer_;
    TicketStore& store_;
    const ProviderLane& lane_;
    std::unique_ptr<Signal> wake_;
    SendContext::TimePoint oldest_result_{}; ///< when the first of the board's results came
    UnwrittenResults unwritten_;             ///< taken out of the board, and not yet recorded
    Headway recording_;                      ///< of the results that wait to be recorded
    std::int64_t put_aside_ = 0;
};

} // namespace smsbcast::app
