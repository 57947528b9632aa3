#include "adapters/postgres/sqlstate.hpp"

#include <catch2/catch.hpp>

namespace smsbcast::adapters::postgres {

TEST_CASE("an SQLSTATE tells what a caller can do", "[postgres]") {
    for (const auto* state : {"40001", "40P01"})
        CHECK(errc_of(state) == Errc::retry);
    for (const auto* state : {"55P03", "57014"})
        CHECK(errc_of(state) == Errc::timeout);
    for (const auto* state :
         {"08000", "08006", "53100", "53200", "53300", "57P01", "57P02", "57P03", "58030", "25006", "25P03"})
        CHECK(errc_of(state) == Errc::unavailable);
    for (const auto* state :
         {"23505", "23514", "22021", "22P05", "22003", "54000", "P0001", "27000", "XX001", "45000", "U0001"})
        CHECK(errc_of(state) == Errc::refused);
    for (const auto* state : {"42601", "42P01", "42501", "25001", "XX000", "55000", ""})
        CHECK(errc_of(state) == Errc::internal);
}

} // namespace smsbcast::adapters::postgres
