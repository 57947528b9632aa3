#include "reader.hpp"

#include "smsbcast/base/log.hpp"

namespace smsbcast::adapters::sqlite {

namespace {

// SQLite counts steps of its virtual machine between two looks at the clock; this many take well
// under a millisecond.
constexpr int kStepsBetweenLooks = 10'000;

int is_late(void* deadline) {
    return static_cast<const Deadline*>(deadline)->passed() ? 1 : 0;
}

} // namespace

void Reader::run() {
    while (const auto job = jobs_.pop())
        job->answer(job->begin() ? read(*job) : std::optional(Errc::timeout));
}

// A read that looks through millions of rows ends at its deadline all the same, so one caller
// cannot keep a thread from all others.
std::optional<Errc> Reader::read(Job& job) {
    Deadline deadline = job.deadline();
    std::optional<Errc> code;
    try {
        sqlite3_progress_handler(db_.handle(), kStepsBetweenLooks, is_late, &deadline);
        // A deferred transaction takes its snapshot at the first SELECT and keeps it to the end, so
        // several statements see the same state.
        db_.execute("BEGIN");
        Transaction transaction{db_, database_now()};
        job.run(transaction);
    } catch (const SqlFailure& failure) {
        code = errc_of(failure.code());
        if (code != Errc::timeout)
            log::error("store_read_failed", {{"reason", failure.what()}});
    } catch (const std::exception& error) {
        log::error("store_job_failed", {{"reason", error.what()}});
        code = Errc::internal;
    }
    // The handler points at this call's deadline, which is about to end.
    sqlite3_progress_handler(db_.handle(), 0, nullptr, nullptr);
    // A snapshot that stays open would keep the log from being begun anew, and it would grow
    // without bound.
    if (db_.in_transaction())
        sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    return code;
}

} // namespace smsbcast::adapters::sqlite
