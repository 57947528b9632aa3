#include "smsbcast/http/client.hpp"

#include "pool.hpp"

namespace smsbcast::http {

Client::Client(asio::io_context& shard, ClientOptions options, StreamFactory streams)
    : pool_(std::make_shared<Pool>(shard, std::move(options), std::move(streams))) {}

Client::~Client() {
    pool_->close();
}

// The pool is held by a shared pointer, since exchanges that are under way keep it until their
// connections are back.
Awaitable<ClientExchange> Client::exchange(ClientRequest request, Deadline deadline) {
    return pool_->exchange(request, deadline);
}

void Client::close() {
    pool_->close();
}

void Client::cut() {
    pool_->cut();
}

} // namespace smsbcast::http
