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

// A piece that waits behind the job writes nothing, since it finds itself left; one that is being written is seen by
// the job, which the same thread runs later. While the job runs, it may have looked already.
bool Creations::leave(const Uuid& first_message, bool may_leave) {
    const std::lock_guard lock(mutex_);
    under_way_.erase(first_message);
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
    const auto left = std::ranges::find_if_not(all, [this](const auto& row) { return is_under_way(row.second); });
    if (left == all.end())
        return;
    clear_piece(transaction, left->first, left->second);
    const std::lock_guard lock(mutex_);
    more_ = true;
}

// Queued again by the writer, if the disk refused it or it has more to do; otherwise by whoever leaves next.
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
