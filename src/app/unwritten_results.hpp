#pragma once

#include "smsbcast/base/bisection.hpp"
#include "smsbcast/ports/ticket_store.hpp"

#include <optional>
#include <vector>

namespace smsbcast::app {

/// Results on their way into the store. What it refuses for what it holds is split down to the result alone, so that
/// the others get in; that one is tried once more without what a store may not be able to hold, and then given up.
/// Pure.
class UnwrittenResults {
public:
    /// Only while it is empty.
    void add(std::vector<MessageResult> results);

    bool empty() const { return parts_.done(); }

    /// To be recorded now, in one transaction. Not while it is empty.
    std::vector<MessageResult> next() const;

    bool is_reduced() const { return reduced_; }

    /// They are recorded, or given up: they leave.
    std::vector<MessageResult> take();

    enum class Refusal {
        split,   ///< next() is a part of them
        reduced, ///< next() is the same result with less in it
        alone,   ///< nothing more can be done for this one: it is to be taken
    };
    Refusal refused();

private:
    std::vector<MessageResult> results_;
    Bisection parts_{0};
    bool reduced_ = false; ///< the one that is next
};

/// The same outcome in plain letters and shortened, with no reference to be kept.
MessageResult reduced(MessageResult result);

} // namespace smsbcast::app
