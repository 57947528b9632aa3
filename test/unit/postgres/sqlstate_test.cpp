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
    for (const auto* state : {"23505", "42601", "42P01", "22021", "25001", "XX000", "55000", "", "4"})
        CHECK(errc_of(state) == Errc::internal);
}

} // namespace smsbcast::adapters::postgres
