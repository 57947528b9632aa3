#include "file_lock.hpp"

#include "open_failure.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace smsbcast::adapters::sqlite {

namespace {

std::string holder_of(int fd) {
    char digits[16] = {};
    const auto length = ::pread(fd, digits, sizeof digits, 0);
    std::string pid(digits, length > 0 ? static_cast<std::size_t>(length) : 0);
    // The file may be of any age and content; only digits are believed.
    pid.erase(std::min(pid.find_first_not_of("0123456789"), pid.size()));
    return pid.empty() ? "another process" : fmt::format("process {}", pid);
}

// The number is for people, and for the message above. A disk that is full has no room for it, and
// the lock holds all the same.
bool write_pid(int fd) {
    const auto pid = fmt::format("{}\n", ::getpid());
    return ::ftruncate(fd, 0) == 0 && ::pwrite(fd, pid.data(), pid.size(), 0) > 0;
}

} // namespace

Opened<FileLock> FileLock::acquire(const std::string& path) {
    const auto name = path + ".lock";
    const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return cannot_write_beside(path, errno);
    FileLock lock(fd);
    // The kernel drops a flock when its last descriptor is closed, also after a kill -9, so no
    // stale lock has to be recognised.
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
        static_cast<void>(write_pid(fd));
        return lock;
    }
    if (errno == EWOULDBLOCK)
        return OpenFailure{
            fmt::format("{} is in use by {}: stop that one, or give this one another file", path, holder_of(fd)), true};
    return cannot_write_beside(path, errno);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock::~FileLock() {
    if (fd_ >= 0)
        ::close(fd_);
}

} // namespace smsbcast::adapters::sqlite
