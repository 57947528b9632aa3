#include "mark_file.hpp"

#include "open_failure.hpp"

#include "smsbcast/base/log.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace smsbcast::adapters::sqlite {

namespace {

// A line has some 220 bytes; whatever is longer is no mark.
constexpr std::size_t kMaxLineBytes = 512;

std::int64_t birth_of(int fd) {
    struct statx found {};
    // The kernel or the file system may not know the birth (NFS, older ext4 inodes).
    if (::statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &found) != 0 || (found.stx_mask & STATX_BTIME) == 0)
        return 0;
    return std::int64_t{found.stx_btime.tv_sec} * 1'000'000'000 + found.stx_btime.tv_nsec;
}

std::string boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    file >> id;
    return id;
}

// A new file's name is on the disk only when its folder was synced. Without this a failure of power
// could take the new mark away from a file whose commits are on the disk, and the next opening
// would take the file for a copy.
void keep_name(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path().string();
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    static_cast<void>(::fsync(fd));
    ::close(fd);
}

} // namespace

Opened<MarkFile> MarkFile::open(const std::string& path) {
    const auto name = path + "-mark";
    // Opened and not replaced: the mark's own birth is one of its signs, so the file must stay the
    // same one for life.
    const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    // A mark that another user's run made is a common mistake, with another remedy than a folder
    // that cannot be written.
    if (fd < 0 && errno == EACCES && std::filesystem::exists(name))
        return OpenFailure{
            fmt::format("{}: no permission to write it and its -mark: make this user their owner", path)};
    if (fd < 0)
        return cannot_write_beside(path, errno);
    return MarkFile(fd, path);
}

MarkFile::MarkFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {
    char line[kMaxLineBytes] = {};
    const auto length = ::pread(fd_, line, sizeof line, 0);
    if (length > 0)
        found_ = parse_mark({line, static_cast<std::size_t>(length)});
    has_owner_ = found_.has_value();
    now_ = found_.value_or(Mark{});
    // The mark that was found keeps its own birth in `found_`; from now on the true one is written.
    now_.born = birth_of(fd_);
    now_.boot = boot_id();
}

MarkFile::MarkFile(MarkFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)), found_(std::move(other.found_)),
      now_(std::move(other.now_)), has_owner_(other.has_owner_), failure_logged_(other.failure_logged_) {}

MarkFile::~MarkFile() {
    if (fd_ >= 0)
        ::close(fd_);
}

bool MarkFile::is_misplaced() const {
    return found_ && sqlite::is_misplaced(*found_, {FileState::of(path_), FileState::of(path_ + "-wal"), now_.boot});
}

void MarkFile::belongs_to(const Uuid& installation, std::int64_t handed_over) {
    now_.installation = installation;
    now_.handed_over = handed_over;
    if (!found_)
        keep_name(path_);
    has_owner_ = true;
}

void MarkFile::note_handed_over(std::int64_t count) {
    now_.handed_over = count;
    // The writer calls this after the commit and before the worker is answered. So a process that
    // is killed leaves the mark equal to the file or behind it, and never ahead.
    write();
}

void MarkFile::begin_writing() {
    now_.under_way = true;
    // This is the one place where the mark is synced: a file that was half written by a checkpoint
    // must not be found beside a mark that says it is whole.
    if (has_owner_ && write())
        static_cast<void>(::fdatasync(fd_));
}

void MarkFile::end_writing(bool closing) {
    now_.under_way = false;
    now_.file = FileState::of(path_);
    // SQLite deletes the log when the last connection closes.
    now_.log = closing ? 0 : FileState::of(path_ + "-wal").inode;
    write();
}

void MarkFile::follow() {
    if (now_.file != FileState::of(path_))
        end_writing();
}

bool MarkFile::write() {
    const auto line = to_line(now_);
    const bool written = ::pwrite(fd_, line.data(), line.size(), 0) == static_cast<ssize_t>(line.size());
    // One line per outage. A mark that cannot be written only falls behind its file, which never
    // makes an original look like a copy.
    if (!written && !failure_logged_)
        log::warn("mark_not_written", {{"file", path_ + "-mark"}, {"reason", std::strerror(errno)}});
    failure_logged_ = !written;
    return written;
}

} // namespace smsbcast::adapters::sqlite
