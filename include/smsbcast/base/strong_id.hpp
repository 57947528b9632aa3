#pragma once

#include "smsbcast/base/uuid.hpp"

namespace smsbcast {

/// A Uuid that cannot be taken for another kind of id.
template <class Tag>
struct StrongId {
    Uuid value;

    friend auto operator<=>(const StrongId&, const StrongId&) = default;
    friend std::string to_string(const StrongId& id) { return smsbcast::to_string(id.value); }
};

using BroadcastId = StrongId<struct BroadcastTag>;
using MessageId = StrongId<struct MessageTag>;
using TicketId = StrongId<struct TicketTag>;
/// A running worker process: leases name it.
using WorkerId = StrongId<struct WorkerTag>;

} // namespace smsbcast

template <class Tag>
struct std::hash<smsbcast::StrongId<Tag>> {
    std::size_t operator()(const smsbcast::StrongId<Tag>& id) const noexcept {
        return std::hash<smsbcast::Uuid>{}(id.value);
    }
};
