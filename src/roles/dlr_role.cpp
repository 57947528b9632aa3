#include "make.hpp"

#include "smsbcast/adapters/system/system_clock.hpp"
#include "smsbcast/http/unrouted_log.hpp"
#include "smsbcast/transport/receipt_api.hpp"

#include <algorithm>

namespace smsbcast::roles {

using namespace std::chrono_literals;

namespace {

// A receipt for which there is a connection is not turned away: the connections are bound already.
app::ReceiptOptions receipt_options(const config::Config& config) {
    return {.batch = config.dlr.batch,
            .linger = config.dlr.linger,
            .max_waiting = std::max(config.dlr.max_waiting, config.http.max_connections)};
}

class DlrRole final : public runtime::Service {
public:
    DlrRole(const config::Config& config, const Backend& backend, boost::asio::io_context& shard)
        : config_(config), host_(shard, config, "dlr"), session_(backend.store->open(shard, "dlr")),
          store_(session_->receipts()), clock_(adapters::system::make_clock(shard)),
          apply_(*store_, *clock_, receipt_options(config)), api_(apply_, {}) {}

    Awaitable<Result<void>> start() override {
        const auto listening =
            host_.listen("DLR_WEBHOOK_ADDR", config_.http_addr[config::Role::dlr], api_.routes(),
                         [this](const auto& request, int status) { unrouted_.note(request, status); });
        if (!listening)
            co_return listening;
        const auto schema = co_await host_.await_schema(*session_);
        if (!schema)
            co_return schema;
        host_.watch("database", [this] { return session_->check(Deadline::after(2s)); });
        host_.watch("receipts", [this] { return receipts_state(); });
        host_.tell("receipts", [this] { return transport::Readiness::Details{{"put_aside", apply_.put_aside()}}; });
        host_.tasks().spawn("apply receipts", [this] { return apply_.run(); });
        host_.open();
        co_return Result<void>();
    }

    Awaitable<> stop(Deadline deadline) override {
        host_.begin_stop();
        co_await host_.stop_listening(deadline, session_.get()); // receipts under way are committed and answered first
        apply_.stop();
        co_await host_.join(deadline);
    }

private:
    Awaitable<Result<void>> receipts_state() {
        co_return apply_.stalled() ? Result<void>(Errc::stalled) : Result<void>();
    }

    const config::Config& config_;
    http::UnroutedLog unrouted_;            // requests that are not for us
    RoleHost host_;                         // listener, health, tasks
    std::unique_ptr<StoreSession> session_; // to the database
    std::unique_ptr<ReceiptStore> store_;   // receipts
    std::unique_ptr<Clock> clock_;
    app::ApplyReceipts apply_;  // many requests, one transaction
    transport::ReceiptApi api_; // HTTP
};

} // namespace

std::unique_ptr<runtime::Service> make_dlr(const config::Config& config, const Backend& backend,
                                           boost::asio::io_context& shard) {
    return std::make_unique<DlrRole>(config, backend, shard);
}

} // namespace smsbcast::roles
