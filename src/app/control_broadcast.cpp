#include "smsbcast/app/control_broadcast.hpp"

namespace smsbcast::app {

boost::asio::awaitable<Result<BroadcastStatus>> ControlBroadcast::operator()(const Caller& caller, BroadcastId id,
                                                                             BroadcastCommand command,
                                                                             Deadline deadline) {
    if (!caller.may(Scope::broadcasts_write))
        co_return Errc::forbidden;
    auto telling = store_.command(caller.tenant, id, command, deadline);
    co_return co_await std::move(telling);
}

} // namespace smsbcast::app
