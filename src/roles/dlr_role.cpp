#include "make.hpp"

#include "smsbcast/adapters/system/system_clock.hpp"
#include "smsbcast/transport/receipt_api.hpp"
#include "smsbcast/transport/unrouted_log.hpp"

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
        : config_(config), frame_(shard, config, "dlr"), access_(backend.store->open(shard, "dlr")),
          store_(access_->receipts()), clock_(adapters::system::make_clock(shard)),
          apply_(*store_, *clock_, receipt_options(config)), api_(apply_, {}) {}

    Awaitable<Result<void>> start() override {
        const auto listening =
            frame_.listen("DLR_WEBHOOK_ADDR", config_.dlr.http_addr, api_.routes(),
                          [this](const auto& request, int status) { unrouted_.note(request, status); });
        if (!listening)
            co_return listening;
        const auto schema = co_await frame_.await_schema(*access_);
        if (!schema)
            co_return schema;
        frame_.watch("database", [this] { return access_->check(Deadline::after(2s)); });
        frame_.watch("receipts", [this] { return receipts_state(); });
        frame_.tell("receipts", [this] { return transport::Readiness::Details{{"put_aside", apply_.put_aside()}}; });
        frame_.tasks().spawn("apply receipts", [this] { return apply_.run(); });
        frame_.open();
        co_return Result<void>();
    }

    Awaitable<> stop(Deadline deadline) override {
        frame_.begin_stop();
        co_await frame_.stop_listening(deadline, access_.get()); // receipts under way are committed and answered first
        apply_.stop();
        co_await frame_.join(deadline);
    }

private:
    Awaitable<Result<void>> receipts_state() {
        co_return apply_.stalled() ? Result<void>(Errc::stalled) : Result<void>();
    }

    const config::Config& config_;
    transport::UnroutedLog unrouted_;     // requests that are not for us
    Frame frame_;                         // listener, health, tasks
    std::unique_ptr<Store> access_;       // to the database
    std::unique_ptr<ReceiptStore> store_; // receipts
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
