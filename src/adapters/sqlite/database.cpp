#include "database.hpp"

#include "calls.hpp"
#include "migrations.hpp"
#include "query.hpp"

#include "smsbcast/base/log.hpp"

#include <pthread.h>

namespace smsbcast::adapters::sqlite {

namespace {

// These are far more than the roles have under way at once. A call that found a longer queue would
// wait beyond its deadline anyway, so it is told at once.
constexpr std::size_t kMaxWrites = 1024, kMaxReads = 256;

constexpr Statement kSchemaNumber{"schema_number", "SELECT max(number) FROM schema_migrations"};
// The value must change: a write that leaves a page as it was writes no page, and would prove
// nothing about the disk.
constexpr Statement kTouch{"touch", "UPDATE disk_probe SET writes = writes + 1"};

template <class Loop>
std::thread start(const char* name, Loop loop) {
    return std::thread([name, loop] {
        ::pthread_setname_np(::pthread_self(), name);
        // The lines of these threads belong to no role, since every role's jobs run on them.
        log::set_role("store");
        loop();
    });
}

} // namespace

Database::Database(const SqliteParams& params, FileLock lock, MarkFile mark, Connection writing,
                   std::vector<Connection> reading)
    : lock_(std::move(lock)), mark_(std::move(mark)), writing_(std::move(writing)), reading_(std::move(reading)),
      checkpoints_(writing_, mark_, params.checkpoint_pages), health_(params.path), writes_(kMaxWrites),
      reads_(kMaxReads), writer_(writing_, FileIdentity(params.path), writes_, mark_, checkpoints_, health_, work_) {
    // A log that a crash left behind is brought into the file before the first job, so that it does
    // not grow further from there.
    checkpoints_.run();
    writer_thread_ = start("sqlite-write", [this] { writer_.run(); });
    for (auto& connection : reading_)
        reader_threads_.push_back(start("sqlite-read", [this, &connection] { Reader(connection, reads_).run(); }));
}

Database::~Database() {
    // What is queued is still carried out, such as the tickets that a role gave back on its way
    // out.
    writes_.close();
    reads_.close();
    writer_thread_.join();
    for (auto& thread : reader_threads_)
        thread.join();
    // A reader's open snapshot would keep the last checkpoint from emptying the log.
    reading_.clear();
    checkpoints_.close();
}

void abandon_creations(Database& database) {
    database.creations()->abandon();
}

runtime::Awaitable<Result<void>> ping(Calls& calls, Deadline deadline) {
    auto look = [](Transaction& transaction) -> Result<void> {
        Query query(transaction.db, kSchemaNumber);
        const bool is_ours = query.next() && query.integer(0) >= migrations().back().number;
        return is_ours ? Result<void>() : Result<void>(Errc::conflict);
    };
    auto looking = calls.read(std::move(look), deadline);
    const auto found = co_await std::move(looking);
    // The file is written only while the last write failed. A healthy store is not written to by
    // every health check.
    if (!found || !calls.database()->health().failing())
        co_return found;
    auto touch = [](Transaction& transaction) -> Result<void> {
        transaction.db.run(kTouch);
        return {};
    };
    auto touching = calls.write(std::move(touch), deadline);
    co_return co_await std::move(touching);
}

} // namespace smsbcast::adapters::sqlite
