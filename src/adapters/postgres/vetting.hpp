#pragma once

#include "database.hpp"

namespace smsbcast::adapters::postgres {

/// Whether this program can work with what the URL leads to, asked once per Database: the encoding
/// must be UTF-8, and a pooler in front of the server must keep one session for one connection.
/// Errors: conflict, with a sentence in the log; those of Database::connect.
runtime::Awaitable<Result<void>> vet(std::shared_ptr<Database> database, Deadline deadline);

/// Decides from the server processes that answered whether each connection has one of its own.
/// Pure.
class SessionCheck {
public:
    enum class Connection : std::size_t { first, second };

    /// A statement on that connection was answered by this process.
    void answered(Connection connection, int pid);

    /// Two connections shared a process, or one changed it: between two statements nobody keeps it for them.
    bool shared() const { return shared_; }

private:
    std::optional<int> pids_[2];
    bool shared_ = false;
};

} // namespace smsbcast::adapters::postgres
