#pragma once

#include "result_recorder.hpp"
#include "send_context.hpp"
#include "smsbcast/app/provider_lane.hpp"
#include "ticket_marker.hpp"

#include <cstddef>
#include <memory>

namespace smsbcast::app {

/// Messages that are ready go through the lane to its provider, and what they come to goes to the recorder.
class Submitter final : public SendLoop {
public:
    Submitter(SendContext& context, ProviderLane& lane, ResultRecorder& recorder, TicketMarker& marker);

    /// One message after the other, until stop(); as many of these loops as there may be messages on their way.
    boost::asio::awaitable<void> run();

    /// What the lane found out is acted upon.
    void apply(LaneNews news);

    void board_changed() override;
    void stopping() override;

private:
    /// Of a loop that has nothing to send.
    struct Rest {
        bool watches;   ///< it waits for the lane to open
        Deadline until; ///< unless it is woken
    };

    boost::asio::awaitable<void> submit(SendItem item);
    Rest begin_rest(SendContext::TimePoint now, SendContext::TimePoint opens_at);
    void end_rest(const Rest& rest);

    SendContext& context_;
    ProviderLane& lane_;
    ResultRecorder& recorder_;
    TicketMarker& marker_;
    std::unique_ptr<Signal> wake_;
    std::size_t idle_ = 0;
    bool opening_watched_ = false; ///< a loop waits for the lane to open; the others wait to be woken by one
};

} // namespace smsbcast::app
