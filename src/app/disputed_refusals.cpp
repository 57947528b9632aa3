#include "smsbcast/app/disputed_refusals.hpp"

#include <algorithm>
#include <utility>

namespace smsbcast::app {

void DisputedRefusals::refused(const MessageId& message, TimePoint begun, TimePoint now) {
    if (!waits_since_)
        waits_since_ = now;
    if (!run_since_)
        run_since_ = now;
    first_begun_ = std::min(first_begun_.value_or(begun), begun);
    if (run_.size() < options_.at_once && std::ranges::find(run_, message) == run_.end())
        run_.push_back(message);
}

void DisputedRefusals::accepted() {
    worked_ = true;
    accepted_since_ = waits_since_.has_value();
    run_.clear();
    run_since_.reset();
    first_begun_.reset();
}

// One message that is refused again and again is no evidence against the lane, however often that happens.
bool DisputedRefusals::is_enough(TimePoint now) const {
    if (run_.size() >= options_.at_once)
        return true;
    const auto needed = worked_ ? options_.worked : options_.untried;
    return run_.size() >= needed && now - *run_since_ >= options_.patience;
}

std::optional<DisputedRefusals::Finding> DisputedRefusals::take_finding(TimePoint now) {
    if (!waits_since_)
        return std::nullopt;
    std::optional<Finding> finding;
    if (std::exchange(accepted_since_, false))
        finding = Finding::messages;
    else if (is_enough(now))
        finding = Finding::lane;
    else if (now >= decided_by())
        finding = Finding::unproven;
    if (finding)
        waits_since_.reset();
    return finding;
}

DisputedRefusals::TimePoint DisputedRefusals::decided_by() const {
    return waits_since_ ? *waits_since_ + options_.patience : TimePoint::max();
}

} // namespace smsbcast::app
