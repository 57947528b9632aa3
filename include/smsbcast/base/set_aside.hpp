#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/uuid.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <vector>

namespace smsbcast {

/// Rows that are left alone for a while, since the store refused to change them. Bounded: a
/// thousand at most, and the oldest is forgotten first, which only costs one more refusal. Pure:
/// time comes in as an argument. It is not thread-safe.
class SetAside {
public:
    using TimePoint = Deadline::Clock::time_point;

    static constexpr std::size_t kMost = 1000;
    static constexpr std::chrono::minutes kTime{10};

    /// Leaves the row alone for kTime from `now` on. Times must not descend from call to call.
    void add(const Uuid& id, TimePoint now) {
        if (rows_.size() == kMost)
            rows_.pop_front();
        rows_.push_back({id, now + kTime});
    }

    /// The rows whose time is not up at `now`.
    std::vector<Uuid> ids(TimePoint now) {
        while (!rows_.empty() && rows_.front().until <= now)
            rows_.pop_front();
        std::vector<Uuid> ids;
        ids.reserve(rows_.size());
        for (const auto& row : rows_)
            ids.push_back(row.id);
        return ids;
    }

private:
    struct Row {
        Uuid id;
        TimePoint until;
    };
    std::deque<Row> rows_; ///< in order of time
};

} // namespace smsbcast
