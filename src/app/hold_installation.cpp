#include "smsbcast/app/hold_installation.hpp"

namespace smsbcast::app {

boost::asio::awaitable<Result<std::optional<Hold>>> HoldInstallation::held(const Caller& caller, Deadline deadline) {
    if (!caller.may(Scope::admin))
        co_return Errc::forbidden;
    co_return co_await installation_.held(deadline);
}

boost::asio::awaitable<Result<Hold>> HoldInstallation::hold(const Caller& caller, std::string because,
                                                            Deadline deadline) {
    if (!caller.may(Scope::admin))
        co_return Errc::forbidden;
    auto holding = installation_.hold(std::move(because), deadline);
    co_return co_await std::move(holding);
}

boost::asio::awaitable<Result<ReleaseReport>> HoldInstallation::release(const Caller& caller, ReleaseOptions options,
                                                                        Deadline deadline) {
    if (!caller.may(Scope::admin))
        co_return Errc::forbidden;
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
