#pragma once

#include "send_context.hpp"
#include "smsbcast/app/provider_lane.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace smsbcast::app {

/// For a provider without idempotency keys: tickets are marked in flight in the store before their messages go out.
/// Just as many ahead of the submit loops as keeps them busy, and one alone for a probe: whatever is marked and not
/// recorded when this process dies becomes `unknown`.
class TicketMarker final : public SendLoop {
public:
    TicketMarker(SendContext& context, TicketStore& store, ProviderLane& lane);

    /// Until stop(). Ends at once where the provider needs no marks.
    boost::asio::awaitable<void> run();

    /// A message went out: marks more tickets when too few messages are ready.
    void message_went();

    void board_changed() override { wake_->notify_all(); }
    void circuit_closed() override { wake_->notify_all(); }
    void stopping() override { wake_->notify_all(); }

private:
    std::size_t ahead() const;
    std::vector<TicketRef> to_mark();
    boost::asio::awaitable<bool> mark(std::vector<TicketRef> refs);

    SendContext& context_;
    TicketStore& store_;
    ProviderLane& lane_;
    std::unique_ptr<Signal> wake_;
};

} // namespace smsbcast::app
