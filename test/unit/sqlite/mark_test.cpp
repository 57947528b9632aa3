#include "adapters/sqlite/mark.hpp"

#include "smsbcast/domain/hold.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::adapters::sqlite;

namespace {

const std::string kBoot = "0b1f3f0e-6d0c-4c53-9f3e-0a51c4a7d001";
const std::string kLaterBoot = "0b1f3f0e-6d0c-4c53-9f3e-0a51c4a7d002";

Mark left() {
    Mark mark;
    mark.installation = new_uuid();
    mark.handed_over = 1'234'567;
    mark.file = {11, 8192, 1'700'000'000'123'456'789};
    mark.log = 12;
    mark.born = 1'600'000'000'000'000'001;
    mark.boot = kBoot;
    return mark;
}

Found as_left(const Mark& mark) {
    return {mark.file, {mark.log, 4096, 1}, mark.boot};
}

} // namespace

TEST_CASE("a mark is read as it was written, on a line that keeps its length", "[sqlite]") {
    auto mark = left();
    const auto line = to_line(mark);
    CHECK(parse_mark(line) == mark);
    mark.under_way = true;
    mark.handed_over = 0;
    mark.log = ~std::uint64_t{0};
    CHECK(to_line(mark).size() == line.size());
    CHECK(parse_mark(to_line(mark)) == mark);
    CHECK(to_line(Mark{}).size() == line.size());
}

TEST_CASE("what is no whole mark is none", "[sqlite]") {
    const auto line = to_line(left());
    for (std::size_t length = 0; length < line.size(); ++length)
        CHECK_FALSE(parse_mark(line.substr(0, length)));
    CHECK_FALSE(parse_mark(std::string(line.size(), '\0')));
    CHECK_FALSE(parse_mark("x" + line));
}

TEST_CASE("a file beside the log of another is misplaced", "[sqlite]") {
    auto mark = left();
    auto found = as_left(mark);
    CHECK_FALSE(is_misplaced(mark, found));
    SECTION("moved over it") {
        found.file.inode = 99;
        CHECK(is_misplaced(mark, found));
    }
    SECTION("copied over it") {
        found.file.changed += 1;
        CHECK(is_misplaced(mark, found));
        found.file = mark.file;
        found.file.size += 4096;
        CHECK(is_misplaced(mark, found));
    }
    SECTION("unless it was being written when all ended") {
        found.file.changed += 1;
        mark.under_way = true;
        CHECK_FALSE(is_misplaced(mark, found));
    }
    SECTION("unless the log is another one, is empty, or is not there") {
        found.file.inode = 99;
        found.log.inode = 98;
        CHECK_FALSE(is_misplaced(mark, found));
        found.log = {mark.log, 0, 1};
        CHECK_FALSE(is_misplaced(mark, found));
        found.log = {};
        CHECK_FALSE(is_misplaced(mark, found));
    }
    SECTION("unless there is none") {
        found.file = {};
        CHECK_FALSE(is_misplaced(mark, found));
    }
    SECTION("a machine that failed may have lost the time of the last change, and no more") {
        found.boot = kLaterBoot;
        found.file.changed -= 1;
        CHECK_FALSE(is_misplaced(mark, found));
        found.file.changed += 2;
        CHECK(is_misplaced(mark, found));
        found.file = mark.file;
        found.file.size += 4096;
        CHECK(is_misplaced(mark, found));
    }
}

TEST_CASE("a copy is known by the mark beside it", "[sqlite]") {
    const auto mark = left();
    const auto seen = [&](const std::optional<Mark>& beside, std::int64_t handed_over) {
        return seen_at_opening(beside, mark.born, mark.installation, handed_over);
    };
    CHECK_FALSE(seen(mark, mark.handed_over));
    CHECK_FALSE(seen(mark, mark.handed_over + 1)); // it ended between the commit and the mark
    CHECK(seen(mark, mark.handed_over - 1) == kFileOlder);
    CHECK(seen(std::nullopt, 1) == kFileMoved);
    CHECK_FALSE(seen(std::nullopt, 0)); // new, or of a release without marks
    CHECK(seen_at_opening(mark, mark.born, new_uuid(), 0) == kFileMoved);
    // The mark was copied too.
    CHECK(seen_at_opening(mark, mark.born + 1, mark.installation, mark.handed_over) == kFileMoved);
    CHECK_FALSE(seen_at_opening(mark, 0, mark.installation, mark.handed_over)); // nobody knows
}
