#pragma once

#include "mark.hpp"

#include "smsbcast/adapters/sqlite/sqlite.hpp"

#include <optional>
#include <string>

namespace smsbcast::adapters::sqlite {

/// Keeps `<path>-mark`. Used by one thread at a time, under the lock of the file.
class MarkFile {
public:
    /// Opens it, or makes it where there is none.
    static Opened<MarkFile> open(const std::string& path);

    MarkFile(MarkFile&& other) noexcept;
    MarkFile& operator=(MarkFile&&) = delete;
    ~MarkFile();

    /// The mark as it stood when it was opened; nothing where it was just made or cannot be read.
    const std::optional<Mark>& found() const { return found_; }
    std::int64_t born() const { return now_.born; }

    /// Whether the file is not the one that the log beside it belongs to. To be asked before
    /// anything opens them.
    bool is_misplaced() const;

    /// Names the installation and the count of which this is the mark from now on; written with the
    /// next of the following.
    void belongs_to(const Uuid& installation, std::int64_t handed_over);

    /// Called after the commit that moved the count on, before anybody learns of that.
    void note_handed_over(std::int64_t count);

    /// Called before the file itself may be written. On the disk when it returns. Does nothing
    /// while the mark belongs to nobody.
    void begin_writing();

    /// Called when that is over. With `closing`, SQLite is about to remove the log.
    void end_writing(bool closing = false);

    /// Catches up with another program that may have brought the log into the file, as the sqlite3
    /// shell does.
    void follow();

private:
    MarkFile(int fd, std::string path);

    bool write();

    int fd_;
    std::string path_;
    std::optional<Mark> found_;
    Mark now_;
    bool has_owner_; ///< what is to be written is whole
    bool failure_logged_ = false;
};

} // namespace smsbcast::adapters::sqlite
