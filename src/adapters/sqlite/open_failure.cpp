#include "open_failure.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace smsbcast::adapters::sqlite {

// Whoever starts the program for the first time meets these. So each sentence says what is wrong
// with which path and what to do, and only the rest falls back on the system's words.
OpenFailure cannot_write_beside(const std::string& path, int error) {
    const auto folder = std::filesystem::path(path).parent_path().string();
    switch (error) {
    case ENOENT:
        return {fmt::format("{}: the folder {} does not exist: create it, or give another path", path, folder)};
    case ENOTDIR: return {fmt::format("{}: {} is not a folder: give another path", path, folder)};
    case EACCES:
    case EPERM:
        return {
            fmt::format("{}: no permission to write in the folder {}: make this user its owner, or give another path",
                        path, folder)};
    case EROFS:
        return {
            fmt::format("{}: the folder {} is read-only: mount it for writing, or give another path", path, folder)};
    case ENOSPC:
    case EDQUOT: return {fmt::format("{}: the disk that holds {} is full: free some space", path, folder)};
    default: return {fmt::format("{}: cannot write in the folder {}: {}", path, folder, std::strerror(error))};
    }
}

// Which of the two ways is right only the person knows who put the copy there; each way names all
// files it touches, since removing the wrong one loses data.
OpenFailure misplaced(const std::string& path) {
    return {
        fmt::format("{0} is not the file that {0}-wal belongs to: a copy was put in its place. If {0} is a complete "
                    "copy (sqlite3's .backup, or a file copied after a clean stop), move {0}-wal and {0}-shm away and "
                    "start again; if {0} and {0}-wal were copied together, remove {0}-mark",
                    path)};
}

OpenFailure refused(const std::string& path, const SqlFailure& failure) {
    const auto folder = std::filesystem::path(path).parent_path().string();
    // The low byte is SQLite's primary code; the rest tells variants that lead to the same advice.
    switch (failure.code() & 0xff) {
    case SQLITE_NOTADB: return {fmt::format("{} is not an SQLite database: give another path, or move it away", path)};
    case SQLITE_FULL: return {fmt::format("{}: the disk that holds {} is full: free some space", path, folder)};
    case SQLITE_CORRUPT: return {fmt::format("{} is damaged: restore it from a backup", path)};
    // These appear when SQLite may read the file but cannot make its log or its shared memory
    // beside it.
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return {fmt::format("{}: no permission to write it or its -wal and -shm: make this user their owner", path)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {fmt::format("{} is locked by another program: close that one", path)};
    case SQLITE_CANTOPEN:
        return {fmt::format("{} cannot be opened: it must be a file that this user may read and write", path)};
    default: return {fmt::format("{} cannot be opened: {}", path, failure.what())};
    }
}

} // namespace smsbcast::adapters::sqlite
