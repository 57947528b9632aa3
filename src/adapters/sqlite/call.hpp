#pragma once

#include "job.hpp"
#include "shard_link.hpp"

#include "smsbcast/base/result.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <memory>
#include <type_traits>

namespace smsbcast::adapters::sqlite {

/// A job that a coroutine waits for. Both hold it, so either may leave first: the coroutine at its deadline, while the
/// work still runs on what the job itself owns.
template <class Work>
class Call final : public Job, public std::enable_shared_from_this<Call<Work>> {
public:
    using Answer = std::invoke_result_t<Work&, Transaction&>; ///< a Result

    Call(runtime::asio::io_context& shard, std::shared_ptr<ShardLink> link, Work work, Deadline deadline)
        : Job(deadline), link_(std::move(link)), work_(std::move(work)), answered_(shard) {}

    void run(Transaction& transaction) override { answer_.emplace(work_(transaction)); }

    void answer(std::optional<Errc> failure) override {
        if (failure)
            answer_.emplace(make_error_code(*failure));
        // The thread runs this. Posting hands the answer over to the shard: after the post the
        // thread touches it no more, so no lock is needed.
        link_->post([self = this->shared_from_this()] {
            self->is_answered_ = true;
            self->answered_.notify_all();
        });
    }

    /// On the shard. False: the deadline passed first.
    runtime::Awaitable<bool> wait(Deadline deadline) {
        while (!is_answered_) {
            const bool notified = co_await answered_.wait(deadline);
            if (!notified)
                break;
        }
        co_return is_answered_;
    }

    /// On the shard, after wait() gave true.
    Answer take() { return std::move(*answer_); }

private:
    std::shared_ptr<ShardLink> link_;
    Work work_;
    std::optional<Answer> answer_; ///< the thread's until it has posted
    bool is_answered_ = false;     ///< the shard's
    runtime::Wakeup answered_;
};

} // namespace smsbcast::adapters::sqlite
