#pragma once

#include "smsbcast/domain/caller.hpp"
#include "smsbcast/ports/installation.hpp"

namespace smsbcast::app {

/// Keeps an installation from sending, and lets it go on.
///
/// Every call needs Scope::admin. Errors of every call: forbidden, and those of Installation. Threads: one shard, that
/// of the installation, which must outlive it; so must a caller each call.
class HoldInstallation {
public:
    explicit HoldInstallation(Installation& installation) : installation_(installation) {}

    /// Nothing while it is not held.
    boost::asio::awaitable<Result<std::optional<Hold>>> held(const Caller& caller, Deadline deadline);

    /// See Installation::hold().
    boost::asio::awaitable<Result<Hold>> hold(const Caller& caller, std::string because, Deadline deadline);

    /// Ends the hold step after step, until it has ended or the deadline has passed; then the report says that there is
    /// more. Errors: conflict where something is to be assumed sent and nothing is held: it may have gone out long ago.
    boost::asio::awaitable<Result<ReleaseReport>> release(const Caller& caller, ReleaseOptions options,
                                                          Deadline deadline);

private:
    Installation& installation_;
};

} // namespace smsbcast::app
