#pragma once

#include <string>

#include <sys/stat.h>

namespace smsbcast::adapters::sqlite {

/// Remembers which file a path led to when this was made. A file that was removed or replaced can
/// still be written, but whatever is written to it vanishes with its last descriptor.
class FileIdentity {
public:
    explicit FileIdentity(std::string path) : path_(std::move(path)), there_(::stat(path_.c_str(), &first_) == 0) {}

    /// Whether the path still leads to that file. Any thread.
    bool in_place() const {
        struct stat now {};
        return there_ && ::stat(path_.c_str(), &now) == 0 && now.st_dev == first_.st_dev && now.st_ino == first_.st_ino;
    }

private:
    std::string path_;
    struct stat first_ {};
    bool there_;
};

} // namespace smsbcast::adapters::sqlite
