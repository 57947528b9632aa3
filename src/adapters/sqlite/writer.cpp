#include "writer.hpp"

#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <algorithm>
#include <utility>

namespace smsbcast::adapters::sqlite {

namespace {

// A group is bounded because its first job waits for its commit until the last one has run.
constexpr std::size_t kMaxJobs = 64;
constexpr std::chrono::milliseconds kMaxTime{20};

// This counts since the connection was opened. A change that writes what is there already writes no
// page, and such a commit proves nothing about the disk.
int pages_written(Connection& db) {
    int now = 0, most = 0;
    sqlite3_db_status(db.handle(), SQLITE_DBSTATUS_CACHE_WRITE, &now, &most, 0);
    return now;
}

// A frame of the log that could not be written ends a commit before it is one. An error after the
// last frame (fsync) leaves a commit that nobody sees now, but which the next recovery of the log
// may bring back.
bool is_uncertain(int code) {
    return (code & 0xff) == SQLITE_IOERR && code != SQLITE_IOERR_WRITE && code != SQLITE_IOERR_READ;
}

} // namespace

// This is the body of the thread "sqlite-write", the only one that changes the file.
void Writer::run() {
    while (auto job = jobs_.pop())
        run_group(std::move(job));
}

void Writer::run_group(std::shared_ptr<Job> job) {
    const auto until = Deadline::after(kMaxTime);
    const auto pages = pages_written(db_);
    Transaction transaction{db_, 0};
    std::vector<Entry> group;
    auto failure = begin();
    while (job) {
        // A job whose caller has given up, or whose deadline passed in the queue, is not run:
        // nobody would learn what it did.
        if (!job->begin()) {
            job->answer(Errc::timeout);
        } else {
            group.push_back({std::move(job), failure});
            // Each job reads the clock for itself: a group may last 20 ms, and a lease that is
            // taken at its end must not begin at its start.
            transaction.now = database_now();
            if (!failure)
                failure = group.size() == 1 ? run_alone(group.back(), transaction)
                                            : run_in_savepoint(group.back(), transaction);
        }
        // Whatever waits already joins the group; the writer never waits for more to come.
        job = group.size() < kMaxJobs && !until.passed() ? jobs_.try_pop() : nullptr;
    }
    if (!failure)
        failure = commit();
    else if (db_.in_transaction())
        attempt("ROLLBACK");
    const auto refused = [](const Entry& entry) { return entry.failure == Errc::unavailable; };
    // One success proves the disk only if pages were written, and if no job of the group failed for
    // the disk's sake.
    if (!failure && pages_written(db_) != pages && std::none_of(group.begin(), group.end(), refused))
        health_.note_success();
    // The mark follows the commit and precedes the answer: a worker may send only what the mark
    // knows of, or a copy that is put in the file's place later could not be recognised.
    if (!failure && transaction.handed_over)
        mark_.note_handed_over(*transaction.handed_over);
    // Only now are callers told: every change of the group is on the disk, or none is.
    answer(group, failure);
    if (failure)
        return;
    if (transaction.made_due)
        work_.notify();
    // A checkpoint may take long, so it begins when those who waited for the commit have their
    // answers.
    checkpoints_.after_commit();
}

std::optional<Errc> Writer::begin() {
    // A file that was removed or replaced can still be written through this descriptor, and all of
    // it would be lost. Refusing keeps promises that could not be kept from being made.
    if (file_.in_place())
        // IMMEDIATE takes the lock for writing now. A deferred transaction would take it at the
        // first change and could then fail in the middle of a job.
        return attempt("BEGIN IMMEDIATE");
    health_.note_failure("it was removed or replaced while it was in use");
    return Errc::unavailable;
}

std::optional<Errc> Writer::run_job(Job& job, Transaction& transaction) {
    try {
        job.run(transaction);
        return std::nullopt;
    } catch (const SqlFailure& failure) {
        return note(failure);
    } catch (const std::exception& error) {
        log::error("store_job_failed", {{"reason", error.what()}});
        return Errc::internal;
    }
}

// Most groups are of one job. As long as it is the first, the transaction itself is its savepoint,
// which spares a copy of every page that it changes.
std::optional<Errc> Writer::run_alone(Entry& first, Transaction& transaction) {
    first.failure = run_job(*first.job, transaction);
    if (!first.failure)
        return std::nullopt;
    if (db_.in_transaction())
        attempt("ROLLBACK");
    // The jobs behind it get a transaction as if this one had not been.
    return attempt("BEGIN IMMEDIATE");
}

std::optional<Errc> Writer::run_in_savepoint(Entry& entry, Transaction& transaction) {
    if (const auto failure = attempt("SAVEPOINT job"))
        return failure;
    entry.failure = run_job(*entry.job, transaction);
    if (!entry.failure)
        return attempt("RELEASE job");
    if (db_.in_transaction() && !attempt("ROLLBACK TO job; RELEASE job"))
        return std::nullopt;
    // A full disk may have ended the whole transaction, with what was done in it before.
    if (db_.in_transaction())
        attempt("ROLLBACK");
    return Errc::unavailable;
}

std::optional<Errc> Writer::attempt(const char* sql) {
    try {
        db_.execute(sql);
        return std::nullopt;
    } catch (const SqlFailure& failure) {
        return note(failure);
    }
}

std::optional<Errc> Writer::commit() {
    try {
        chaos::failpoint("store.before_commit");
        db_.execute("COMMIT");
        chaos::failpoint("store.after_commit");
        return std::nullopt;
    } catch (const SqlFailure& failure) {
        const auto code = note(failure);
        if (db_.in_transaction())
            attempt("ROLLBACK");
        return is_uncertain(failure.code()) ? Errc::uncertain : code;
    }
}

Errc Writer::note(const SqlFailure& failure) {
    const auto code = errc_of(failure.code());
    if (code == Errc::unavailable)
        health_.note_failure(failure.what());
    else
        log::error("store_statement_failed", {{"reason", failure.what()}});
    return code;
}

void Writer::answer(const std::vector<Entry>& group, std::optional<Errc> failure) {
    for (const auto& [job, own] : group) {
        // A job's own failure was undone by its savepoint and stands, whatever became of the group.
        const auto told = own ? own : failure;
        job->answer(told);
        const bool lost = told == Errc::unavailable && job->must_not_be_lost();
        if (lost || (!told && job->has_more()))
            again_.push_back(job);
    }
    // While the disk is broken, the jobs that must not be lost wait here and not in the queue,
    // where they would be tried in a tight loop. The next group that succeeds takes them along.
    if (health_.failing())
        return;
    for (auto& job : std::exchange(again_, {})) {
        job->rearm();
        jobs_.push_always(std::move(job));
    }
}

} // namespace smsbcast::adapters::sqlite
