#include "smsbcast/app/release_hold.hpp"

namespace smsbcast::app {

boost::asio::awaitable<Result<ReleaseReport>> ReleaseHold::operator()(ReleaseOptions options, Deadline deadline) {
    const auto held = co_await installation_.held(deadline);
    if (!held)
        co_return held.error();
    if (!*held)
        co_return options.assume_sent_since ? Result<ReleaseReport>(Errc::conflict) : Result<ReleaseReport>();
    ReleaseReport all{0, true};
    while (all.more && !deadline.passed()) {
        const auto step = co_await installation_.release(options, deadline);
        if (!step && step.error() == Errc::timeout && all.assumed_sent > 0)
            break; // the steps before it stand
        if (!step)
            co_return step.error();
        all.assumed_sent += step->assumed_sent;
        all.more = step->more;
    }
    co_return all;
}

} // namespace smsbcast::app
