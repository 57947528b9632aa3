#include "pg_fixture.hpp"

// Every case of the stores' contract, each on a schema of its own.

namespace smsbcast::test {

TEST_CASE("the PostgreSQL stores keep the contract", "[postgres][contract]") {
    for (const auto& store_case : store_cases()) {
        DYNAMIC_SECTION(store_case.name) {
            PgFixture fixture;
            store_case.run(fixture);
        }
    }
}

} // namespace smsbcast::test
