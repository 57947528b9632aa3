#pragma once

#include "connection.hpp"

#include "smsbcast/base/deadline.hpp"

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

/// Work for a thread of the database. Made on a shard, run on the thread, answered once.
class Job {
public:
    explicit Job(Deadline deadline) : deadline_(deadline) {}
    virtual ~Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    /// By the thread, before run(): false when the deadline has passed or the caller has given up. Then nothing is
    /// done.
    bool begin() {
        auto expected = Stage::waiting;
        const auto next = deadline_.passed() ? Stage::given_up : Stage::begun;
        return stage_.compare_exchange_strong(expected, next) && next == Stage::begun;
    }

    /// By the caller, who waits no longer. True: the job has done nothing and never will.
    bool give_up() {
        auto expected = Stage::waiting;
        return stage_.compare_exchange_strong(expected, Stage::given_up) || expected == Stage::given_up;
    }

    /// On a failure it throws; what it has changed is undone then, and nothing else.
    virtual void run(Transaction& transaction) = 0;

    /// After the transaction has ended: what run() came to stands, or the failure tells why nothing was done.
    virtual void answer(std::optional<Errc> failure) = 0;

    /// After an answer without a failure: it has more to do, in a transaction of its own.
    virtual bool has_more() const { return false; }

    /// To be run again once writing works again, where it failed because the disk did.
    virtual bool must_not_be_lost() const { return false; }

    /// Makes it as it was before begin().
    void rearm() { stage_ = Stage::waiting; }

    /// When a read is interrupted.
    Deadline deadline() const { return deadline_; }

private:
    enum class Stage { waiting, begun, given_up };

    Deadline deadline_;
    std::atomic<Stage> stage_ = Stage::waiting;
};

} // namespace smsbcast::adapters::sqlite
