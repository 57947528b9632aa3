#pragma once

#include "checkpoints.hpp"
#include "creations.hpp"
#include "file_lock.hpp"
#include "reader.hpp"
#include "writer.hpp"

#include "smsbcast/adapters/sqlite/sqlite.hpp"

#include <thread>
#include <vector>

namespace smsbcast::adapters::sqlite {

/// The open file, with one thread that writes and two that read. The connections were made and checked by
/// open_database().
class Database {
public:
    Database(const SqliteParams& params, FileLock lock, MarkFile mark, Connection writing,
             std::vector<Connection> reading);

    /// Carries out what is queued, brings all of it from the log into the file, and closes it. Must not run on one of
    /// its own threads, so a job never owns the Database.
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    JobQueue& writes() { return writes_; }
    JobQueue& reads() { return reads_; }
    WorkSignal& work() { return work_; }
    const std::shared_ptr<Creations>& creations() const { return creations_; }
    const WriteHealth& health() const { return health_; }

private:
    FileLock lock_; ///< let go last
    MarkFile mark_;
    Connection writing_;
    std::vector<Connection> reading_;
    Checkpoints checkpoints_;
    WriteHealth health_;
    WorkSignal work_;
    std::shared_ptr<Creations> creations_ = std::make_shared<Creations>();
    JobQueue writes_, reads_;
    Writer writer_;
    std::vector<std::thread> reader_threads_;
    std::thread writer_thread_;
};

} // namespace smsbcast::adapters::sqlite
