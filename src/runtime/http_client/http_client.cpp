#include "smsbcast/runtime/http_client.hpp"

#include "pool.hpp"

namespace smsbcast::runtime {

HttpClient::HttpClient(asio::io_context& shard, HttpClientOptions options)
    : pool_(std::make_shared<Pool>(shard, std::move(options))) {}

HttpClient::~HttpClient() {
    pool_->close();
}

Awaitable<HttpExchange> HttpClient::exchange(HttpRequest request, Deadline deadline) {
    return pool_->exchange(request, deadline);
}

void HttpClient::close() {
    pool_->close();
}

void HttpClient::cut() {
    pool_->cut();
}

} // namespace smsbcast::runtime
