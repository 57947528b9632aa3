#pragma once

#include "connection.hpp"

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/timestamp.hpp"

#include <atomic>
#include <chrono>
#include <optional>

namespace smsbcast::adapters::sqlite {

/// What a job works with. It belongs to a transaction that other jobs may share.
struct Transaction {
    Connection& db;
    std::int64_t now;                          ///< database_now(), one value a job
    bool made_due = false;                     ///< set by a job that made tickets due
    std::optional<std::int64_t> handed_over{}; ///< the count of a job that moved it on
};

/// The wall clock in milliseconds, which is this database's clock.
inline std::int64_t database_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::floor<std::chrono::milliseconds>(now).count();
}

/// A time as the database holds it.
inline std::int64_t milliseconds_of(Timestamp time) {
    return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

/// Work for a thread of the database. Made on a shard, run on the thread, answered once.
class Job {
public:
    explicit Job(Deadline deadline) : deadline_(deadline) {}
    virtual ~Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    /// The thread calls this before run(): false when the deadline has passed or the caller has
    /// given up. Then nothing is done.
    bool begin() {
        auto expected = Stage::waiting;
        const auto next = deadline_.passed() ? Stage::given_up : Stage::begun;
        return stage_.compare_exchange_strong(expected, next) && next == Stage::begun;
    }

    /// The caller calls this when it waits no longer. True: the job has done nothing and never
    /// will.
    bool give_up() {
        auto expected = Stage::waiting;
        return stage_.compare_exchange_strong(expected, Stage::given_up) || expected == Stage::given_up;
    }

    /// On a failure it throws; what it has changed is undone then, and nothing else is.
    virtual void run(Transaction& transaction) = 0;

    /// Called after the transaction has ended: without a failure what run() came to is durable; a
    /// failure says why nothing was done, or that it is uncertain.
    virtual void answer(std::optional<Errc> failure) = 0;

    /// Asked after an answer without a failure: whether the job has more to do, in a transaction of
    /// its own.
    virtual bool has_more() const { return false; }

    /// Whether the job is to be run again once writing works again, where it failed because the
    /// disk did.
    virtual bool must_not_be_lost() const { return false; }

    /// Makes the job as it was before begin().
    void rearm() { stage_ = Stage::waiting; }

    /// A read is interrupted at this time.
    Deadline deadline() const { return deadline_; }

private:
    enum class Stage { waiting, begun, given_up };

    Deadline deadline_;
    std::atomic<Stage> stage_ = Stage::waiting;
};

} // namespace smsbcast::adapters::sqlite
