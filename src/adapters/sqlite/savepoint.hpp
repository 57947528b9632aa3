#pragma once

#include "connection.hpp"

namespace smsbcast::adapters::sqlite {

/// Runs `work` so that a change that SQLite refuses for what a row holds is undone alone: false
/// then. Other failures are thrown, also a refusal that ended the whole transaction.
template <class Work>
bool in_savepoint(Connection& db, Work work) {
    db.execute("SAVEPOINT part");
    try {
        work();
    } catch (const SqlFailure& failure) {
        if (errc_of(failure.code()) != Errc::refused || !db.in_transaction())
            throw;
        db.execute("ROLLBACK TO part; RELEASE part");
        return false;
    }
    db.execute("RELEASE part");
    return true;
}

} // namespace smsbcast::adapters::sqlite
