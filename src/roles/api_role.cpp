#include "make.hpp"

#include "smsbcast/transport/broadcast_api.hpp"
#include "smsbcast/transport/hold_api.hpp"

namespace smsbcast::roles {

using namespace std::chrono_literals;

namespace {

class ApiRole final : public runtime::Service {
public:
    ApiRole(const config::Config& config, const Backend& backend, boost::asio::io_context& shard)
        : config_(config), host_(shard, config, "api"), session_(backend.store->open(shard, "api")),
          store_(session_->broadcasts()), uploads_(session_->uploads()),
          create_(*uploads_, {.max_recipients = config.api.max_recipients,
                              .max_message_chars = config.api.max_message_chars,
                              .ticket_size = static_cast<int>(config.api.ticket_size)}),
          api_(create_, *store_, {.max_body = config.api.max_body, .max_uploads = config.api.max_uploads}),
          installation_(session_->installation()),
          hold_api_(*installation_, {.resolve_within = config.provider.resolve_within}) {}

    Awaitable<Result<void>> start() override {
        auto routes = api_.routes();
        for (auto& route : hold_api_.routes())
            routes.push_back(std::move(route));
        const auto listening = host_.listen("HTTP_ADDR", config_.http_addr[config::Role::api], std::move(routes));
        if (!listening)
            co_return listening;
        const auto schema = co_await host_.await_schema(*session_);
        if (!schema)
            co_return schema;
        host_.watch("database", [this] { return session_->check(Deadline::after(2s)); });
        host_.open();
        co_return Result<void>();
    }

    Awaitable<> stop(Deadline deadline) override {
        host_.begin_stop();
        co_await host_.stop_listening(deadline, session_.get()); // requests under way are answered first
        co_await host_.join(deadline);
    }

private:
    const config::Config& config_;
    RoleHost host_;                           // listener, health, tasks
    std::unique_ptr<StoreSession> session_;   // to the database
    std::unique_ptr<BroadcastStore> store_;   // broadcasts
    std::unique_ptr<BroadcastStore> uploads_; // the same, for what takes long
    app::CreateBroadcast create_;             // checks and stores a new one
    transport::BroadcastApi api_;             // HTTP
    std::unique_ptr<Installation> installation_;
    transport::HoldApi hold_api_; // HTTP
};

} // namespace

std::unique_ptr<runtime::Service> make_api(const config::Config& config, const Backend& backend,
                                           boost::asio::io_context& shard) {
    return std::make_unique<ApiRole>(config, backend, shard);
}

} // namespace smsbcast::roles
