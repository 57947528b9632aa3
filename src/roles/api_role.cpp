#include "make.hpp"

#include "smsbcast/transport/broadcast_api.hpp"
#include "smsbcast/transport/hold_api.hpp"

namespace smsbcast::roles {

using namespace std::chrono_literals;

namespace {

class ApiRole final : public RoleParts {
public:
    ApiRole(RoleHost& host, const config::Config& config)
        : store_(host.store().broadcasts()), uploads_(host.store().uploads()),
          create_(*uploads_, {.max_recipients = config.api.max_recipients,
                              .max_message_chars = config.api.max_message_chars,
                              .ticket_size = static_cast<int>(config.api.ticket_size)}),
          api_(create_, *store_, {.max_body = config.api.max_body, .max_uploads = config.api.max_uploads}),
          installation_(host.store().installation()),
          hold_api_(*installation_, {.resolve_within = config.provider.resolve_within}) {
        host.serve(api_.routes());
        host.serve(hold_api_.routes());
        host.watch_store();
        host.stop_by({host.end_listener(RoleHost::Overdue::abandon_store), host.end_tasks()});
    }

private:
    std::unique_ptr<BroadcastStore> store_;   // broadcasts
    std::unique_ptr<BroadcastStore> uploads_; // the same, for what takes long
    app::CreateBroadcast create_;             // checks and stores a new one
    transport::BroadcastApi api_;             // HTTP
    std::unique_ptr<Installation> installation_;
    transport::HoldApi hold_api_; // HTTP
};

} // namespace

std::unique_ptr<RoleParts> make_api(RoleHost& host) {
    return std::make_unique<ApiRole>(host, host.config());
}

} // namespace smsbcast::roles
