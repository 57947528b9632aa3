#include "write_health.hpp"

#include "smsbcast/base/log.hpp"

#include <utility>

namespace smsbcast::adapters::sqlite {

namespace {
// Every job fails while the disk is full, hundreds per second; a line each would fill what is left
// of the disk.
constexpr std::chrono::seconds kQuiet{5};
} // namespace

void WriteHealth::note_failure(std::string_view reason) {
    failing_ = true;
    if (quiet_until_ && !quiet_until_->passed())
        return;
    quiet_until_ = Deadline::after(kQuiet);
    logged_ = true;
    log::error("store_write_failed", {{"file", path_}, {"reason", reason}});
}

void WriteHealth::note_success() {
    // The role becomes ready again with the first write that reached the disk.
    failing_ = false;
    if (std::exchange(logged_, false))
        log::info("store_writes_again", {{"file", path_}});
}

} // namespace smsbcast::adapters::sqlite
