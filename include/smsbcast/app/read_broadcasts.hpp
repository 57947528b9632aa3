#pragma once

#include "smsbcast/domain/caller.hpp"
#include "smsbcast/ports/broadcast_store.hpp"

#include <optional>
#include <vector>

namespace smsbcast::app {

inline constexpr int kDefaultPage = 100;
inline constexpr int kMaxPage = 1000;

/// A part of a list. `next_after` is the id that the next part goes on after, and nothing at the list's end.
template <class Row>
struct Page {
    std::vector<Row> rows;
    std::optional<Uuid> next_after;
};

struct BroadcastWithMessages {
    Broadcast broadcast;
    Page<Message> messages; ///< the first kDefaultPage of them
};

/// What can be said of the broadcasts of the caller's tenant, and of their messages. Those of others are not_found.
///
/// Every call needs Scope::broadcasts_read. Errors of every call: forbidden, and those of BroadcastStore. A `limit` is
/// 1 to kMaxPage. A page as long as kMaxPage counts as followed by another, which may turn out to be empty. Threads:
/// one shard, that of the store, which must outlive it; so must a caller each call.
class ReadBroadcasts {
public:
    explicit ReadBroadcasts(BroadcastStore& store) : store_(store) {}

    /// Newest first.
    boost::asio::awaitable<Result<Page<Broadcast>>> list(const Caller& caller, std::optional<BroadcastId> before,
                                                         int limit, Deadline deadline);

    /// Errors: not_found.
    boost::asio::awaitable<Result<BroadcastWithMessages>> get(const Caller& caller, BroadcastId id, Deadline deadline);

    /// They come in the order of the recipients. The tenant of the query is the caller's, whatever it says. Errors:
    /// not_found (the broadcast).
    boost::asio::awaitable<Result<Page<Message>>> messages(const Caller& caller, MessageQuery query, Deadline deadline);

    /// Errors: not_found.
    boost::asio::awaitable<Result<MessageWithAttempts>> message(const Caller& caller, MessageId id, Deadline deadline);

private:
    BroadcastStore& store_;
};

} // namespace smsbcast::app
