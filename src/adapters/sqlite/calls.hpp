#pragma once

#include "call.hpp"
#include "database.hpp"

namespace smsbcast::adapters::sqlite {

/// How a store on a shard has work done by the threads of the database. `Work` takes a Transaction& and gives a Result;
/// it runs on another thread, so it owns all it needs.
class Calls {
public:
    Calls(runtime::asio::io_context& shard, std::shared_ptr<Database> database)
        : shard_(shard), database_(std::move(database)), link_(std::make_shared<ShardLink>(shard)) {}
    ~Calls() { link_->close(); }
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    /// Runs the work in a transaction. Work that gives an error must have changed nothing, since
    /// its group is committed all the same. Errors: timeout, unavailable, overloaded: nothing was
    /// done; uncertain: the deadline passed while it was being done, or the disk failed in the
    /// commit.
    template <class Work>
    runtime::Awaitable<typename Call<Work>::Answer> write(Work work, Deadline deadline) {
        return run(database_->writes(), std::move(work), deadline, Errc::uncertain);
    }

    /// Runs the work in a snapshot. Errors: timeout, unavailable, overloaded.
    template <class Work>
    runtime::Awaitable<typename Call<Work>::Answer> read(Work work, Deadline deadline) {
        return run(database_->reads(), std::move(work), deadline, Errc::timeout);
    }

    const std::shared_ptr<Database>& database() const { return database_; }
    runtime::asio::io_context& shard() { return shard_; }
    const std::shared_ptr<ShardLink>& link() const { return link_; }

private:
    template <class Work>
    runtime::Awaitable<typename Call<Work>::Answer> run(JobQueue& queue, Work work, Deadline deadline,
                                                        Errc when_begun) {
        if (deadline.passed())
            co_return Errc::timeout;
        const auto call = std::make_shared<Call<Work>>(shard_, link_, std::move(work), deadline);
        if (!queue.push(call))
            co_return Errc::overloaded;
        const bool answered = co_await call->wait(deadline);
        if (answered)
            co_return call->take();
        // give_up() and the thread's begin() race for the same atomic stage, so exactly one of them
        // wins: a job that was given up never runs, and one that has begun may still be committed.
        co_return call->give_up() ? Errc::timeout : when_begun;
    }

    runtime::asio::io_context& shard_;
    std::shared_ptr<Database> database_;
    std::shared_ptr<ShardLink> link_;
};

/// The check of a schema and of the disk that both pings make.
runtime::Awaitable<Result<void>> ping(Calls& calls, Deadline deadline);

} // namespace smsbcast::adapters::sqlite
