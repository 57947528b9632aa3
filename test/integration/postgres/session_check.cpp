#include "adapters/postgres/vetting.hpp"

#include <catch2/catch.hpp>

#include <vector>

namespace smsbcast::adapters::postgres {

namespace {

// Asked as vet() asks: twice by each in turn.
bool shared(const std::vector<int>& pids) {
    SessionCheck check;
    for (std::size_t i = 0; i < pids.size(); ++i)
        check.answered(i % 4 < 2 ? SessionCheck::Connection::first : SessionCheck::Connection::second, pids[i]);
    return check.shared();
}

} // namespace

TEST_CASE("two connections that keep a process each have sessions", "[postgres][vetting]") {
    CHECK_FALSE(shared({}));
    CHECK_FALSE(shared({1, 1, 2, 2, 1, 1, 2, 2}));
}

TEST_CASE("a pooler that gives processes away between statements is found out", "[postgres][vetting]") {
    CHECK(shared({1, 1, 1}));          // the one that has just become free
    CHECK(shared({1, 2, 1, 2}));       // two that take turns
    CHECK(shared({1, 2, 3, 4}));       // more that do
    CHECK(shared({1, 1, 2, 3}));       // others come between
    CHECK(shared({1, 1, 2, 2, 2, 2})); // late
}

} // namespace smsbcast::adapters::postgres
