#include "database.hpp"

#include "calls.hpp"
#include "migrations.hpp"
#include "query.hpp"

#include "smsbcast/base/log.hpp"

#include <pthread.h>

namespace smsbcast::adapters::sqlite {

namespace {

// Far more than the roles have under way at once; what stands beyond it would wait for longer than its deadline.
constexpr std::size_t kMaxWrites = 1024, kMaxReads = 256;

constexpr Statement kSchemaNumber{"schema_number", "SELECT max(number) FROM schema_migrations"};
// What is written must differ, or no page is.
constexpr Statement kTouch{"touch", "UPDATE disk_probe SET writes = writes + 1"};

template <class Loop>
std::thread start(const char* name, Loop loop) {
    return std::thread([name, loop] {
        ::pthread_setname_np(::pthread_self(), name);
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
    checkpoints_.run();
    writer_thread_ = start("sqlite-write", [this] { writer_.run(); });
    for (auto& connection : reading_)
        reader_threads_.push_back(start("sqlite-read", [this, &connection] { Reader(connection, reads_).run(); }));
}

Database::~Database() {
    writes_.close();
    reads_.close();
    writer_thread_.join();
    for (auto& thread : reader_threads_)
        thread.join();
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
