#pragma once

#include "smsbcast/domain/caller.hpp"
#include "smsbcast/ports/broadcast_store.hpp"

namespace smsbcast::app {

/// Pauses, resumes and cancels one broadcast of the caller's tenant.
class ControlBroadcast {
public:
    explicit ControlBroadcast(BroadcastStore& store) : store_(store) {}

    /// Needs Scope::broadcasts_write. The status that holds then; see BroadcastStore::command(). Errors: forbidden, and
    /// those of that call. The caller must outlive it.
    boost::asio::awaitable<Result<BroadcastStatus>> operator()(const Caller& caller, BroadcastId id,
                                                               BroadcastCommand command, Deadline deadline);

private:
    BroadcastStore& store_;
};

} // namespace smsbcast::app
