#pragma once

#include "send_context.hpp"
#include "smsbcast/app/provider_lane.hpp"
#include "submitter.hpp"

#include <memory>

namespace smsbcast::app {

/// Renews the leases of the tickets on the board, notices broadcasts that are paused or canceled, settles what only
/// time tells, and gives up submissions for which a stop has no time left.
class LeaseKeeper final : public SendLoop {
public:
    LeaseKeeper(SendContext& context, TicketStore& store, ProviderLane& lane, Submitter& submitter);

    /// Goes on while stop() drains: what is on its way must still be ours when its result is written.
    boost::asio::awaitable<void> run();

    void board_changed() override;
    void stopping() override;

private:
    boost::asio::awaitable<void> give_up_submissions();
    boost::asio::awaitable<bool> renew();
    boost::asio::awaitable<void> check();

    SendContext& context_;
    TicketStore& store_;
    ProviderLane& lane_;
    Submitter& submitter_;
    std::unique_ptr<Signal> wake_;
    Deadline give_up_at_{SendContext::TimePoint::max()}; ///< when submissions under way are given up
};

} // namespace smsbcast::app
