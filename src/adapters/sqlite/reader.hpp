#pragma once

#include "job_queue.hpp"

#include <optional>

namespace smsbcast::adapters::sqlite {

/// One of the threads that read. Each job sees one snapshot; the writer goes on meanwhile.
class Reader {
public:
    Reader(Connection& db, JobQueue& jobs) : db_(db), jobs_(jobs) {}

    /// Until the queue is closed and empty.
    void run();

private:
    std::optional<Errc> read(Job& job);

    Connection& db_;
    JobQueue& jobs_;
};

} // namespace smsbcast::adapters::sqlite
