#pragma once

#include "database.hpp"

#include <memory>

namespace smsbcast::adapters::postgres {

/// Waits for the database's NOTIFY on a connection of its own beside the pool. One waiter at a time.
class Listener {
public:
    explicit Listener(Database& database) : database_(database) {}
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Returns at a notification, at the deadline, and at once when the listening has only just begun: what was
    /// committed before that did not notify this connection. A connection that takes longer than one wait is made
    /// meanwhile; to begin listening on it takes up to a second beyond the deadline.
    runtime::Awaitable<> wait(Deadline deadline);

private:
    runtime::Awaitable<Result<void>> listen(Deadline deadline);

    Database& database_;
    std::shared_ptr<Database::Attempt> attempt_; ///< goes on from one wait to the next
    std::shared_ptr<Connection> connection_;
};

} // namespace smsbcast::adapters::postgres
