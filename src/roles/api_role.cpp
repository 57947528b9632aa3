#include "make.hpp"

#include "smsbcast/adapters/system/system_clock.hpp"
#include "smsbcast/base/log.hpp"
#include "smsbcast/transport/bearer_admission.hpp"
#include "smsbcast/transport/broadcast_api.hpp"
#include "smsbcast/transport/hold_api.hpp"
#include "smsbcast/transport/key_api.hpp"

#include <optional>
#include <stdexcept>

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
          hold_api_(*installation_, {.resolve_within = config.provider.resolve_within}),
          key_store_(host.store().keys()), manage_keys_(*key_store_, config::split_secrets(config.auth.pepper)),
          key_api_(manage_keys_), clock_(adapters::system::make_clock(host.shard())) {
        if (config.auth.required)
            admit_by_key(host, config);
        else
            log_open_door(config);
        for (auto&& routes : {api_.routes(), hold_api_.routes(), key_api_.routes()})
            host.serve(admitted(routes));
        host.watch_store();
        host.stop_by({host.end_listener(RoleHost::Overdue::abandon_store),
                      RoleHost::at_once([this](Deadline) { stop(); }), host.end_tasks()});
    }

private:
    void admit_by_key(RoleHost& host, const config::Config& config) {
        authenticate_.emplace(*key_store_, config::split_secrets(config.auth.pepper), *clock_);
        admission_.emplace(*authenticate_);
        host.run("keys", [this] { return authenticate_->run(); });
    }

    static void log_open_door(const config::Config& config) {
        const auto address = config::to_string(config.http_addr[config::Role::api]);
        if (config.auth.mode == config::AuthMode::off)
            log::warn("auth_off", {{"address", address},
                                   {"reason", "whoever reaches the API may send, read and cancel everything"}});
        else
            log::info("open_on_this_machine",
                      {{"address", address}, {"advice", "AUTH=required asks clients for API keys"}});
    }

    // A route that names no scope would be open to everyone, which none of the API's may be.
    std::vector<http::Route> admitted(std::vector<http::Route> routes) {
        for (auto& route : routes) {
            if (!route.scope)
                throw std::logic_error("a route of the API has no scope: " + std::string(route.path));
            if (admission_)
                route.admit = admission_->needing(*route.scope);
        }
        return routes;
    }

    void stop() {
        if (authenticate_)
            authenticate_->stop();
    }

    std::unique_ptr<BroadcastStore> store_;   // broadcasts
    std::unique_ptr<BroadcastStore> uploads_; // the same, for what takes long
    app::CreateBroadcast create_;             // checks and stores a new one
    transport::BroadcastApi api_;             // HTTP
    std::unique_ptr<Installation> installation_;
    transport::HoldApi hold_api_; // HTTP
    std::unique_ptr<KeyStore> key_store_;
    app::ManageKeys manage_keys_;
    transport::KeyApi key_api_; // HTTP
    std::unique_ptr<Clock> clock_;
    std::optional<app::Authenticate> authenticate_;       // whose key it is, while keys are required
    std::optional<transport::BearerAdmission> admission_; // asks that of each request
};

} // namespace

std::unique_ptr<RoleParts> make_api(RoleHost& host) {
    return std::make_unique<ApiRole>(host, host.config());
}

} // namespace smsbcast::roles
