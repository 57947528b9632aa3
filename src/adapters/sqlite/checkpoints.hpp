#pragma once

#include "connection.hpp"
#include "mark_file.hpp"

namespace smsbcast::adapters::sqlite {

/// Brings the log into the file from time to time, and keeps the mark of it. SQLite's own
/// checkpoints would not say when the file changes. Used by the writer's thread, and by one that
/// opens or closes the file.
class Checkpoints {
public:
    /// `pages` of the log are what one begins at.
    Checkpoints(Connection& db, MarkFile& mark, int pages);
    ~Checkpoints();
    Checkpoints(const Checkpoints&) = delete;
    Checkpoints& operator=(const Checkpoints&) = delete;

    /// After a commit, when those who waited for it were answered.
    void after_commit();

    /// Brings the log into the file as far as nobody else reads it.
    void run();

    /// Brings all of the log into the file, as far as nobody else reads it; then the log is empty
    /// and may go.
    void close();

private:
    int run(int mode);

    Connection& db_;
    MarkFile& mark_;
    const int least_;
    int pages_ = 0; ///< of the log, after the last commit
    int due_at_;
};

} // namespace smsbcast::adapters::sqlite
