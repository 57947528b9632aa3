#include "smsbcast/app/read_broadcasts.hpp"

namespace smsbcast::app {

namespace {

// One row more than the page holds tells whether another page follows. The largest page fills the store's own bound.
int rows_for(int limit) {
    return limit < kMaxPage ? limit + 1 : limit;
}

template <class Row>
Page<Row> cut(std::vector<Row> rows, int limit) {
    const auto size = static_cast<std::size_t>(limit);
    Page<Row> page{std::move(rows), {}};
    if (page.rows.size() > size || (limit == kMaxPage && page.rows.size() == size)) {
        page.rows.erase(page.rows.begin() + limit, page.rows.end());
        page.next_after = page.rows.back().id.value;
    }
    return page;
}

} // namespace

boost::asio::awaitable<Result<Page<Broadcast>>> ReadBroadcasts::list(const Caller& caller,
                                                                     std::optional<BroadcastId> before, int limit,
                                                                     Deadline deadline) {
    if (!caller.may(Scope::broadcasts_read))
        co_return Errc::forbidden;
    auto listing = store_.list(caller.tenant, before, rows_for(limit), deadline);
    auto rows = co_await std::move(listing);
    if (!rows)
        co_return rows.error();
    co_return cut(std::move(*rows), limit);
}

boost::asio::awaitable<Result<BroadcastWithMessages>> ReadBroadcasts::get(const Caller& caller, BroadcastId id,
                                                                          Deadline deadline) {
    if (!caller.may(Scope::broadcasts_read))
        co_return Errc::forbidden;
    auto getting = store_.get(caller.tenant, id, deadline);
    auto broadcast = co_await std::move(getting);
    if (!broadcast)
        co_return broadcast.error();
    auto reading = messages(caller, {id, {}, {}, kDefaultPage}, deadline);
    auto first = co_await std::move(reading);
    if (!first)
        co_return first.error();
    co_return BroadcastWithMessages{std::move(*broadcast), std::move(*first)};
}

boost::asio::awaitable<Result<Page<Message>>> ReadBroadcasts::messages(const Caller& caller, MessageQuery query,
                                                                       Deadline deadline) {
    if (!caller.may(Scope::broadcasts_read))
        co_return Errc::forbidden;
    const int limit = query.limit;
    query.limit = rows_for(limit);
    query.tenant = caller.tenant;
    auto reading = store_.messages(std::move(query), deadline);
    auto rows = co_await std::move(reading);
    if (!rows)
        co_return rows.error();
    co_return cut(std::move(*rows), limit);
}

boost::asio::awaitable<Result<MessageWithAttempts>> ReadBroadcasts::message(const Caller& caller, MessageId id,
                                                                            Deadline deadline) {
    if (!caller.may(Scope::broadcasts_read))
        co_return Errc::forbidden;
    auto reading = store_.message(caller.tenant, id, deadline);
    co_return co_await std::move(reading);
}

} // namespace smsbcast::app
