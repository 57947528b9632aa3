#include "smsbcast/app/control_broadcast.hpp"

namespace smsbcast::app {

boost::asio::awaitable<Result<BroadcastStatus>> ControlBroadcast::operator()(const Caller& caller, BroadcastId id,
                                                                             BroadcastCommand command,
                                                                             Deadline deadline) {
    if (!caller.may(Scope::broadcasts_write))
        co_return Errc::forbidden;
    co_return co_await store_.command(id, command, deadline);
}

} // namespace smsbcast::app
