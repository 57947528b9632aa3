#pragma once

#include "smsbcast/base/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::adapters::sqlite {

/// Shows whether a file is still as it was left. All zero: it is not there.
struct FileState {
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed = 0; ///< ns since 1970

    static FileState of(const std::string& path);

    friend bool operator==(const FileState&, const FileState&) = default;
};

/// The content of `<path>-mark`, beside the file, by which another copy in the file's place is
/// recognised. It is written without fsync, so after a failure of power it may be older than the
/// file; it is never ahead of it.
struct Mark {
    Uuid installation;
    std::int64_t handed_over = 0; ///< no more than the file says
    bool under_way = false;       ///< the file itself was being written: what follows may not hold
    FileState file;               ///< after the log was last brought into it
    std::uint64_t log = 0;        ///< inode of `<path>-wal`, 0 without one
    std::int64_t born = 0;        ///< when the mark's own file was made, in ns; 0 where the file system does not tell
    std::string boot;             ///< of the machine, when it was written

    friend bool operator==(const Mark&, const Mark&) = default;
};

/// One line of a length that does not change.
std::string to_line(const Mark& mark);
std::optional<Mark> parse_mark(std::string_view line);

/// The file with its log, as they are found, and the boot of now.
struct Found {
    FileState file;
    FileState log;
    std::string boot;
};

/// Whether a log lies beside a file that it does not belong to: to open them would mix the two.
/// After a failure of the machine the time of the file's last change may be lost, and then be older
/// than the mark says.
bool is_misplaced(const Mark& mark, const Found& found);

/// Whether what was opened shows to be a copy, and how: one of the sentences of domain/hold.hpp. `born` is of the
/// mark's file now.
std::optional<std::string_view> seen_at_opening(const std::optional<Mark>& mark, std::int64_t born,
                                                const Uuid& installation, std::int64_t handed_over);

} // namespace smsbcast::adapters::sqlite
