#pragma once

#include "wire.hpp"

#include <utility>
#include <vector>

namespace smsbcast::adapters::postgres {

/// An SQL text and the name under which it is prepared, logged and measured.
///
/// It is planned once per connection, maybe when the tables are empty or small, and that plan must still be right when
/// they hold millions of rows. So the texts leave the planner no choice that depends on numbers of rows: a table is
/// reached by `id = ANY (array)`, by a LATERAL subquery with OFFSET 0 (which is not joined in any other way), or, where
/// an earlier statement of the transaction has locked the row, by its ctid. A ctid names a row of one partition only,
/// so the key is compared as well; `(key = key) IS TRUE` keeps the planner from reaching the row by that.
struct Statement {
    const char* name;
    const char* text;
};

/// One statement with its parameters.
struct Query {
    const Statement* statement;
    Params params;
};

/// Statements that stand or fall together: sent in one go by pipeline mode, one transaction, one round trip.
using Transaction = std::vector<Query>;

inline Transaction single(const Statement& statement, Params params) {
    Transaction transaction;
    transaction.push_back({&statement, std::move(params)});
    return transaction;
}

} // namespace smsbcast::adapters::postgres
