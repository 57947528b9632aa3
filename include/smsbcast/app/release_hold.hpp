#pragma once

#include "smsbcast/ports/installation.hpp"

namespace smsbcast::app {

/// Ends the hold of an installation, step after step.
class ReleaseHold {
public:
    explicit ReleaseHold(Installation& installation) : installation_(installation) {}

    /// Until it has ended or the deadline has passed; then the report says that there is more. Errors: those of
    /// Installation; conflict where something is to be assumed sent and nothing is held: it may have gone out long ago.
    boost::asio::awaitable<Result<ReleaseReport>> operator()(ReleaseOptions options, Deadline deadline);

private:
    Installation& installation_;
};

} // namespace smsbcast::app
