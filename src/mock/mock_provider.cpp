#include "smsbcast/mock/mock_provider.hpp"

#include "mock_impl.hpp"

#include "smsbcast/base/random.hpp"

namespace smsbcast::mock {

// Everything belongs to one shard, so the ledger, the dice and the receipts need no lock.
MockProvider::Impl::Impl(asio::io_context& shard, const MockOptions& options)
    : options_(options), faults_(options.faults), dice_(random_fraction), ledger_(options.max_messages),
      receipts_(shard, ledger_, ids_, options.receipt_connections), pause_(shard) {}

std::vector<http::Route> MockProvider::Impl::routes() {
    // Handlers are coroutines of this object; the server must have ended them before it goes.
    const auto route = [this](std::string_view method, std::string_view path, auto member) {
        return http::Route{.method = method, .path = path, .handle = [this, member](const http::Request& request) {
                               return (this->*member)(request);
                           }};
    };
    return {route("POST", "/send", &Impl::send),
            route("GET", "/_mock/faults", &Impl::get_faults),
            route("POST", "/_mock/faults", &Impl::change_faults),
            route("DELETE", "/_mock/faults", &Impl::reset_faults),
            route("GET", "/_mock/stats", &Impl::get_stats),
            route("GET", "/_mock/ledger", &Impl::get_ledger),
            route("DELETE", "/_mock/ledger", &Impl::clear_ledger)};
}

Awaitable<> MockProvider::Impl::stop(Deadline deadline) {
    // Requests that wait out their latency are answered at once, and new ones get a 503, so the
    // server can close its connections.
    stopping_ = true;
    pause_.notify_all();
    return receipts_.stop(deadline);
}

// The implementation is hidden, so that roles need not see its parts.
MockProvider::MockProvider(asio::io_context& shard, MockOptions options)
    : impl_(std::make_unique<Impl>(shard, options)) {}

MockProvider::~MockProvider() = default;

std::vector<http::Route> MockProvider::routes() {
    return impl_->routes();
}

Awaitable<> MockProvider::run() {
    return impl_->run();
}

Awaitable<> MockProvider::stop(Deadline deadline) {
    return impl_->stop(deadline);
}

} // namespace smsbcast::mock
