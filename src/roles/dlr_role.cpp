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

class DlrRole final : public RoleParts {
public:
    DlrRole(RoleHost& host, const config::Config& config)
        : store_(host.store().receipts()), clock_(adapters::system::make_clock(host.shard())),
          apply_(*store_, *clock_, receipt_options(config)), api_(apply_, {}) {
        host.serve(api_.routes(), [this](const auto& request, int status) { unrouted_.note(request, status); });
        host.watch_store();
        host.watch("receipts", [this] { return receipts_state(); });
        host.tell("receipts", [this] { return RoleHost::Details{{"put_aside", apply_.put_aside()}}; });
        host.run("apply receipts", [this] { return apply_.run(); });
        host.stop_by({host.end_listener(RoleHost::Overdue::abandon_store), // receipts under way are committed first
                      RoleHost::at_once([this](Deadline) { apply_.stop(); }), host.end_tasks()});
    }

private:
    Awaitable<Result<void>> receipts_state() {
        co_return apply_.stalled() ? Result<void>(Errc::stalled) : Result<void>();
    }

    http::UnroutedLog unrouted_;          // requests that are not for us
    std::unique_ptr<ReceiptStore> store_; // receipts
    std::unique_ptr<Clock> clock_;
    app::ApplyReceipts apply_;  // many requests, one transaction
    transport::ReceiptApi api_; // HTTP
};

} // namespace

std::unique_ptr<RoleParts> make_dlr(RoleHost& host) {
    return std::make_unique<DlrRole>(host, host.config());
}

} // namespace smsbcast::roles
