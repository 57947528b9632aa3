#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace smsbcast {

/// Finds the rows that a store refuses for what they hold, so that all others get in: a range that
/// is refused is halved until it is one row alone. Ranges come in the order of their rows, and
/// together they are all of them. One bad row among n costs about 2 log2 n further tries. Pure.
class Bisection {
public:
    /// The rows from `begin` up to `end`, without the last.
    struct Range {
        std::size_t begin = 0;
        std::size_t end = 0;
        std::size_t size() const { return end - begin; }
    };

    explicit Bisection(std::size_t rows) {
        if (rows > 0)
            open_.push_back({0, rows});
    }

    /// True when every row got in or was given up.
    bool done() const { return open_.empty(); }

    /// Gives the range to be tried now. It must not be done().
    Range next() const { return open_.back(); }

    /// The range got in, or is not to be tried any more.
    void passed() { open_.pop_back(); }

    /// The range was refused. Halved, it comes back. A row alone is returned instead, and is still
    /// next() until passed().
    std::optional<std::size_t> refused() {
        const Range all = open_.back();
        if (all.size() == 1)
            return all.begin;
        const std::size_t middle = all.begin + all.size() / 2;
        open_.back() = {middle, all.end};
        open_.push_back({all.begin, middle});
        return std::nullopt;
    }

private:
    std::vector<Range> open_; ///< the next one last
};

} // namespace smsbcast
