#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/result.hpp"
#include "smsbcast/runtime/asio.hpp"

namespace smsbcast::runtime {

/// A role: something that is started, says whether it is ready, and is stopped. All calls come from its own shard.
class Service {
public:
    virtual ~Service() = default;

    /// Returns once the role takes work. On an error nothing of it runs.
    virtual Awaitable<Result<void>> start() = 0;

    /// Ends intake, lets what is in flight end, writes everything down, closes. Called at most once, also when start()
    /// failed or has not ended; then it makes start() end.
    virtual Awaitable<> stop(Deadline deadline) = 0;
};

} // namespace smsbcast::runtime
