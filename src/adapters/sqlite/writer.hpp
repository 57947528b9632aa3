#pragma once

#include "checkpoints.hpp"
#include "file_identity.hpp"
#include "job_queue.hpp"
#include "work_signal.hpp"
#include "write_health.hpp"

#include <vector>

namespace smsbcast::adapters::sqlite {

/// The work of the one thread that changes the file. Jobs that wait at the same time share a
/// transaction and its fsync, each in a savepoint of its own, and are answered when all of it is
/// durable.
class Writer {
public:
    Writer(Connection& db, FileIdentity file, JobQueue& jobs, MarkFile& mark, Checkpoints& checkpoints,
           WriteHealth& health, WorkSignal& work)
        : db_(db), file_(std::move(file)), jobs_(jobs), mark_(mark), checkpoints_(checkpoints), health_(health),
          work_(work) {}

    /// Runs until the queue is closed and empty.
    void run();

private:
    struct Entry {
        std::shared_ptr<Job> job;
        std::optional<Errc> failure;
    };

    void run_group(std::shared_ptr<Job> first);
    /// Both note what the job itself came to, and give the reason why the whole transaction failed,
    /// if it did.
    std::optional<Errc> run_alone(Entry& first, Transaction& transaction);
    std::optional<Errc> run_in_savepoint(Entry& entry, Transaction& transaction);

    std::optional<Errc> begin();
    std::optional<Errc> run_job(Job& job, Transaction& transaction);
    std::optional<Errc> attempt(const char* sql);
    std::optional<Errc> commit();
    Errc note(const SqlFailure& failure);
    void answer(const std::vector<Entry>& group, std::optional<Errc> failure);

    Connection& db_;
    FileIdentity file_;
    JobQueue& jobs_;
    MarkFile& mark_;
    Checkpoints& checkpoints_;
    WriteHealth& health_;
    WorkSignal& work_;
    std::vector<std::shared_ptr<Job>> again_; ///< of those that must not be lost, what the disk refused
};

} // namespace smsbcast::adapters::sqlite
