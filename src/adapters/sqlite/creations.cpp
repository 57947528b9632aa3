#include "creations.hpp"

#include "creation.hpp"

#include <algorithm>

namespace smsbcast::adapters::sqlite {

void Creations::enter(const Uuid& first_message) {
    const std::lock_guard lock(mutex_);
    under_way_.insert(first_message);
}

bool Creations::is_under_way(const Uuid& first_message) const {
    const std::lock_guard lock(mutex_);
    return under_way_.contains(first_message);
}

// A piece that still waits behind the clearing job writes nothing, since it finds its creation gone
// from the list. A piece that is being written at this moment is seen by the job, which the same
// thread runs later. A job that is running may have looked already, hence `more_`.
bool Creations::leave(const Uuid& first_message, bool may_leave) {
    const std::lock_guard lock(mutex_);
    under_way_.erase(first_message);
    // After abandon() nothing is cleared any more: the process is going down, and the next opening
    // clears.
    if (!may_leave || abandoned_)
        return false;
    more_ = true;
    if (stage_ != Stage::idle)
        return false;
    stage_ = Stage::queued;
    rearm();
    return true;
}

void Creations::run(Transaction& transaction) {
    {
        const std::lock_guard lock(mutex_);
        stage_ = Stage::running;
        more_ = false;
    }
    if (abandoned_)
        return;
    const auto all = all_creating(transaction.db);
    // The job clears one creation at a time, and of it one bounded piece; has_more() brings it
    // back.
    const auto left = std::ranges::find_if_not(all, [this](const auto& row) { return is_under_way(row.second); });
    if (left == all.end())
        return;
    clear_piece(transaction, left->first, left->second);
    const std::lock_guard lock(mutex_);
    more_ = true;
}

// The writer queues the job again if the disk refused it or there is more to do; otherwise whoever
// leaves next does.
void Creations::answer(std::optional<Errc> failure) {
    const std::lock_guard lock(mutex_);
    const bool goes_on = failure ? *failure == Errc::unavailable : more_;
    stage_ = goes_on ? Stage::queued : Stage::idle;
}

bool Creations::has_more() const {
    const std::lock_guard lock(mutex_);
    return stage_ == Stage::queued;
}

} // namespace smsbcast::adapters::sqlite
