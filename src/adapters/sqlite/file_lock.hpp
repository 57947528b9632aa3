#pragma once

#include "smsbcast/adapters/sqlite/sqlite.hpp"

#include <string>

namespace smsbcast::adapters::sqlite {

/// Holds `<path>.lock`, so that no second process opens the file. The lock is on a file of its own:
/// closing any descriptor of the database would drop the POSIX locks that SQLite holds on it. It
/// ends with the process, however that ends. Its file is never deleted, since another process may
/// be about to lock it.
class FileLock {
public:
    /// Makes the lock's file where there is none.
    static Opened<FileLock> acquire(const std::string& path);

    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

private:
    explicit FileLock(int fd) : fd_(fd) {}

    int fd_;
};

} // namespace smsbcast::adapters::sqlite
