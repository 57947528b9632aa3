#include "mark.hpp"

#include "smsbcast/domain/hold.hpp"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include <sys/stat.h>

namespace smsbcast::adapters::sqlite {

namespace {

// A later format gets another word. This program then finds no mark, which is the cautious case.
constexpr std::string_view kMagic = "smsbcast-mark-1";
constexpr std::size_t kFields = 10;
// The length of a UUID as text, which is what Linux gives as its boot id.
constexpr std::size_t kBootId = 36;

std::vector<std::string_view> fields_of(std::string_view line) {
    std::vector<std::string_view> fields;
    while (!line.empty()) {
        const auto end = line.find(' ');
        fields.push_back(line.substr(0, end));
        line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    }
    return fields;
}

template <class Number>
// from_chars alone would take "12x" for 12; a torn or edited line must not be believed in part.
bool read(std::string_view text, Number& into) {
    const auto end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, into);
    return error == std::errc() && stopped == end;
}

bool is_as_left(const Mark& mark, const Found& found) {
    if (mark.file == found.file)
        return true;
    // SQLite syncs data by fdatasync, which need not write the time of the last change. After a
    // failure of power the file may therefore come back with an older time, but only on another
    // boot, and with the same inode and size.
    const bool same_but_time = mark.file.inode == found.file.inode && mark.file.size == found.file.size;
    return same_but_time && mark.boot != found.boot && found.file.changed <= mark.file.changed;
}

} // namespace

FileState FileState::of(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0)
        return {};
    return {found.st_ino, found.st_size, std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec};
}

// Every field has a fixed width, so a line overwrites the one before in one pwrite and never leaves
// the tail of a longer one.
std::string to_line(const Mark& mark) {
    return fmt::format("{} {} {:020} {} {:020} {:020} {:020} {:020} {:020} {:-<{}}\n", kMagic,
                       to_string(mark.installation), mark.handed_over, mark.under_way ? 1 : 0, mark.file.inode,
                       mark.file.size, mark.file.changed, mark.log, mark.born, mark.boot, kBootId);
}

std::optional<Mark> parse_mark(std::string_view line) {
    const auto end = line.find('\n');
    const auto fields = fields_of(line.substr(0, end));
    // A line without its end was cut short, and its last field may be cut as well.
    if (end == std::string_view::npos || fields.size() != kFields || fields[0] != kMagic)
        return std::nullopt;
    const auto id = parse_uuid(fields[1]);
    Mark mark;
    int under_way = 0;
    const bool sound = id && read(fields[2], mark.handed_over) && read(fields[3], under_way) &&
                       read(fields[4], mark.file.inode) && read(fields[5], mark.file.size) &&
                       read(fields[6], mark.file.changed) && read(fields[7], mark.log) && read(fields[8], mark.born);
    if (!sound)
        return std::nullopt;
    mark.installation = *id;
    mark.under_way = under_way != 0;
    mark.boot = fields[9];
    return mark;
}

bool is_misplaced(const Mark& mark, const Found& found) {
    // An empty log, or one with another inode, was made after the mark and cannot be mixed up with
    // the file. An empty file has nothing that could be mixed.
    const bool is_its_log = found.log.size > 0 && found.log.inode == mark.log;
    return is_its_log && !mark.under_way && found.file.size > 0 && !is_as_left(mark, found);
}

std::optional<std::string_view> seen_at_opening(const std::optional<Mark>& mark, std::int64_t born,
                                                const Uuid& installation, std::int64_t handed_over) {
    if (!mark)
        // A file that handed messages over has had a mark; without one it was copied here alone.
        return handed_over > 0 ? std::optional(kFileMoved) : std::nullopt;
    if (mark->installation == installation && mark->handed_over > handed_over)
        return kFileOlder;
    // A copied folder copies the mark too, but the copy of the mark's file is born later than the
    // mark says. Some file systems do not tell the birth: then 0 stands for "not known", and this
    // sign is not used.
    const bool is_copy = mark->born != 0 && born != 0 && mark->born != born;
    if (mark->installation != installation || (is_copy && handed_over > 0))
        return kFileMoved;
    return std::nullopt;
}

} // namespace smsbcast::adapters::sqlite
