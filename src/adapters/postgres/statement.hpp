#pragma once

#include "wire.hpp"

#include <utility>
#include <vector>

namespace smsbcast::adapters::postgres {

/// An SQL text and the name under which it is prepared, logged and measured.
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
using Unit = std::vector<Query>;

inline Unit single(const Statement& statement, Params params) {
    Unit unit;
    unit.push_back({&statement, std::move(params)});
    return unit;
}

} // namespace smsbcast::adapters::postgres
