#pragma once

#include "smsbcast/runtime/asio.hpp"

#include <boost/asio/post.hpp>

#include <mutex>

namespace smsbcast::adapters::sqlite {

/// The way back to a shard, for as long as the store that asked is there: an answer that comes
/// later has nobody to go to, and its shard may be gone. From any thread. The lock is held while
/// posting, so close() returns only when no thread is about to touch the shard any more.
class ShardLink {
public:
    explicit ShardLink(runtime::asio::io_context& shard) : shard_(&shard) {}

    template <class Function>
    void post(Function function) {
        const std::lock_guard lock(mutex_);
        if (shard_)
            runtime::asio::post(*shard_, std::move(function));
    }

    void close() {
        const std::lock_guard lock(mutex_);
        shard_ = nullptr;
    }

private:
    std::mutex mutex_;
    runtime::asio::io_context* shard_;
};

} // namespace smsbcast::adapters::sqlite
