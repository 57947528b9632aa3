#pragma once

#include "job.hpp"

#include "smsbcast/base/uuid.hpp"

#include <atomic>
#include <mutex>
#include <set>

namespace smsbcast::adapters::sqlite {

/// The broadcasts that are being created, each known by its first message; and the job that
/// deletes, one piece per transaction, whatever `creating` names and nobody is at. It is one job
/// and one list, however many creations end early while the disk is broken, so it stays bounded.
/// From any thread.
class Creations final : public Job {
public:
    Creations() : Job(Deadline(Deadline::Clock::time_point::max())) {}

    void enter(const Uuid& first_message);
    bool is_under_way(const Uuid& first_message) const;

    /// @param may_leave something in the file.
    /// @return true: the job must be queued now.
    bool leave(const Uuid& first_message, bool may_leave);

    /// Nothing is written or cleared any more; the next opening clears.
    void abandon() { abandoned_ = true; }
    bool abandoned() const { return abandoned_; }

    void run(Transaction& transaction) override;
    void answer(std::optional<Errc> failure) override;
    bool has_more() const override;
    bool must_not_be_lost() const override { return true; }

private:
    enum class Stage { idle, queued, running };

    std::atomic<bool> abandoned_ = false;
    mutable std::mutex mutex_;
    std::set<Uuid> under_way_;
    Stage stage_ = Stage::idle;
    bool more_ = false; ///< another run may find something
};

} // namespace smsbcast::adapters::sqlite
