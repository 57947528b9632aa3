#include "smsbcast/base/bisection.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace smsbcast;

namespace {

struct Found {
    std::vector<std::size_t> in, bad;
    int tries = 0;
};

// A store that takes everything but some rows.
Found bisect(std::size_t rows, const std::set<std::size_t>& bad) {
    Found found;
    Bisection parts(rows);
    while (!parts.done()) {
        const auto range = parts.next();
        REQUIRE(range.size() > 0);
        ++found.tries;
        const auto first = bad.lower_bound(range.begin);
        if (first == bad.end() || *first >= range.end) {
            for (auto row = range.begin; row < range.end; ++row)
                found.in.push_back(row);
            parts.passed();
        } else if (const auto alone = parts.refused()) {
            found.bad.push_back(*alone);
            parts.passed();
        }
    }
    return found;
}

} // namespace

TEST_CASE("bisection: nothing is nothing to do, and what passes is tried once", "[base][bisection]") {
    CHECK(bisect(0, {}).tries == 0);
    CHECK(bisect(500, {}).tries == 1);
    CHECK(bisect(1, {}).tries == 1);
}

TEST_CASE("bisection: every row but the bad ones gets in, in order", "[base][bisection]") {
    for (const std::size_t rows : {1, 2, 3, 7, 64, 500})
        for (const std::set<std::size_t>& bad :
             {std::set<std::size_t>{0}, {rows - 1}, {rows / 2}, {0, rows / 3, rows - 1}}) {
            const auto found = bisect(rows, bad);
            CHECK(found.bad == std::vector<std::size_t>(bad.begin(), bad.end()));
            CHECK(found.in.size() == rows - bad.size());
            CHECK(std::is_sorted(found.in.begin(), found.in.end()));
        }
}

TEST_CASE("bisection: one bad row costs two tries for each halving", "[base][bisection]") {
    CHECK(bisect(500, {321}).tries <= 1 + 2 * 9);
    CHECK(bisect(500, {0}).tries <= 1 + 2 * 9);
}
