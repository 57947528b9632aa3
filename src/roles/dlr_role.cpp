#include "make.hpp"
#include "receipt_seal.hpp"

#include "smsbcast/adapters/system/system_clock.hpp"
#include "smsbcast/http/unrouted_log.hpp"
#include "smsbcast/transport/receipt_api.hpp"
#include "smsbcast/transport/receipt_door.hpp"

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

transport::ReceiptDoorOptions door_options(const config::Config& config) {
    return {.unsigned_too = config.dlr.unsigned_receipts == config::UnsignedReceipts::accept,
            .token = config.dlr.token.reveal()};
}

class DlrRole final : public RoleParts {
public:
    DlrRole(RoleHost& host, const config::Config& config)
        : store_(host.store().receipts()), clock_(adapters::system::make_clock(host.shard())),
          apply_(*store_, *clock_, receipt_options(config)), door_(door_options(config)), api_(apply_, door_, {}) {
        host.when_installed([this, &config](const InstallationIdentity& installation) {
            return open_door(receipt_seal(config, installation));
        });
        host.serve(api_.routes(), [this](const auto& request, int status) { unrouted_.note(request, status); });
        host.watch_store();
        host.watch("receipts", [this] { return receipts_state(); });
        host.tell("receipts", [this] { return details(); });
        host.run("apply receipts", [this] { return apply_.run(); });
        host.stop_by({host.end_listener(RoleHost::Overdue::abandon_store), // receipts under way are committed first
                      RoleHost::at_once([this](Deadline) { apply_.stop(); }), host.end_tasks()});
    }

private:
    Awaitable<Result<void>> open_door(ReceiptSeal seal) {
        door_.open(std::move(seal));
        co_return Result<void>();
    }

    RoleHost::Details details() const {
        return {{"put_aside", apply_.put_aside()}, {"refused", static_cast<std::int64_t>(door_.refused())}};
    }

    Awaitable<Result<void>> receipts_state() {
        co_return apply_.stalled() ? Result<void>(Errc::stalled) : Result<void>();
    }

    http::UnroutedLog unrouted_;          // requests that are not for us
    std::unique_ptr<ReceiptStore> store_; // receipts
    std::unique_ptr<Clock> clock_;
    app::ApplyReceipts apply_;    // many requests, one transaction
    transport::ReceiptDoor door_; // who may post receipts
    transport::ReceiptApi api_;   // HTTP
};

} // namespace

std::unique_ptr<RoleParts> make_dlr(RoleHost& host) {
    return std::make_unique<DlrRole>(host, host.config());
}

} // namespace smsbcast::roles
