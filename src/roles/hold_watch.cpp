#include "hold_watch.hpp"

#include "smsbcast/base/log.hpp"

namespace smsbcast::roles {

using namespace std::chrono_literals;

HoldWatch::HoldWatch(RoleHost& host) : store_(host.store()), installation_(store_.installation()) {
    host.watch("database", [this] { return look(); });
    host.tell("held", [this] { return details(); });
}

Awaitable<Result<void>> HoldWatch::look() {
    const auto deadline = Deadline::after(2s);
    const auto answers = co_await store_.check(deadline);
    if (!answers)
        co_return answers;
    const auto held = co_await installation_->held(deadline);
    if (!held)
        co_return held.error();
    note(*held);
    co_return answers;
}

void HoldWatch::note(const std::optional<Hold>& hold) {
    if (hold == hold_)
        return;
    hold_ = hold;
    if (hold)
        log::warn("held", {{"since", to_rfc3339(hold->since)}, {"because", hold->because}});
    else
        log::warn("released");
}

RoleHost::Details HoldWatch::details() const {
    RoleHost::Details details{{"since", std::monostate()}, {"because", std::monostate()}};
    if (hold_) {
        details[0].second = to_rfc3339(hold_->since);
        details[1].second = hold_->because;
    }
    return details;
}

} // namespace smsbcast::roles
