#include "resting_connections.hpp"

#include <algorithm>

namespace smsbcast::http {

void RestingConnections::begin(RestingPlace& place, bool used, Clock::time_point since) {
    place.leave();
    place.may_go_ = since + (used ? kUsedMayRest : kFreshMayRest);
    (used ? used_ : fresh_).push_back(place);
}

RestingPlace* RestingConnections::next(Clock::time_point now) {
    for (auto* places : {&used_, &fresh_}) {
        if (places->empty() || places->front().may_go_ > now)
            continue;
        auto& first = places->front();
        first.leave();
        return &first;
    }
    return nullptr;
}

RestingConnections::Clock::time_point RestingConnections::next_at() const {
    auto first = Clock::time_point::max();
    for (const auto* places : {&used_, &fresh_})
        if (!places->empty())
            first = std::min(first, places->front().may_go_);
    return first;
}

} // namespace smsbcast::http
