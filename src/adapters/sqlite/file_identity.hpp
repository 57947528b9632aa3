#pragma once

#include <string>

#include <sys/stat.h>

namespace smsbcast::adapters::sqlite {

/// Which file a path led to when this was made. What is written to one that was removed meanwhile is kept by nobody.
class FileIdentity {
public:
    explicit FileIdentity(std::string path) : path_(std::move(path)), there_(::stat(path_.c_str(), &first_) == 0) {}

    /// The path still leads there. Any thread.
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
