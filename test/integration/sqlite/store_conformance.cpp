#include "sqlite_fixture.hpp"

// Every case of the stores' contract, each on a file of its own.

namespace smsbcast::test {

TEST_CASE("the SQLite stores keep the contract", "[sqlite][contract]") {
    for (const auto& store_case : store_cases()) {
        DYNAMIC_SECTION(store_case.name) {
            SqliteFixture fixture;
            store_case.run(fixture);
        }
    }
}

} // namespace smsbcast::test
