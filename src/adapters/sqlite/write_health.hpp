#pragma once

#include "smsbcast/base/deadline.hpp"

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::adapters::sqlite {

/// Whether the last write reached the disk. Noted by the writer's thread; failing() may be asked
/// from any.
class WriteHealth {
public:
    explicit WriteHealth(std::string path) : path_(std::move(path)) {}

    /// Logged at once, then at most every few seconds.
    void note_failure(std::string_view reason);
    void note_success();

    bool failing() const { return failing_; }

private:
    std::string path_;
    std::atomic<bool> failing_ = false;
    std::optional<Deadline> quiet_until_;
    bool logged_ = false; ///< a failure, and not yet its end
};

} // namespace smsbcast::adapters::sqlite
