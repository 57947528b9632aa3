#pragma once

#include "server_fixture.hpp"
#include "support/fake_key_store.hpp"
#include "support/fake_transport_store.hpp"

#include "smsbcast/adapters/system/system_clock.hpp"
#include "smsbcast/transport/bearer_admission.hpp"
#include "smsbcast/transport/broadcast_api.hpp"
#include "smsbcast/transport/hold_api.hpp"
#include "smsbcast/transport/key_api.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::test {

/// Never held.
class FreeInstallation final : public Installation {
public:
    boost::asio::awaitable<Result<InstallationIdentity>> identity(Deadline) override {
        co_return InstallationIdentity();
    }
    boost::asio::awaitable<Result<std::optional<Hold>>> held(Deadline) override { co_return std::optional<Hold>(); }
    boost::asio::awaitable<Result<Hold>> hold(std::string, Deadline) override { co_return Hold{}; }
    boost::asio::awaitable<Result<ReleaseReport>> release(ReleaseOptions, Deadline) override {
        co_return ReleaseReport{};
    }
};

/// The whole API behind its keys, over stores in memory, and one connection to it.
class GuardedApi {
public:
    GuardedApi() {
        server.emplace(guarded());
        clock_ = adapters::system::make_clock(server->context());
        authenticate_.emplace(keys, app::Peppers{kPepper}, *clock_);
        admission_.emplace(*authenticate_);
    }
    ~GuardedApi() {
        server->stop();
        server->on_shard([this] { // timers and coroutines of the shard
            admission_.reset();
            authenticate_.reset();
            clock_.reset();
        });
    }

    /// A key in the store, and its token.
    std::string add_key(Scopes scopes, const std::string& tenant = std::string(kDefaultTenant)) {
        const auto token = new_key_token();
        ApiKey key;
        key.prefix = token.prefix;
        key.name = "a \"name\"";
        key.tenant = tenant;
        key.scopes = scopes;
        server->on_shard([&] { keys.keys[token.prefix] = {key, app::digest_of(token, kPepper)}; });
        return to_string(token);
    }

    /// A request with that token; without one when it is empty.
    std::optional<HttpAnswer> call(std::string_view method, std::string_view target, std::string_view token,
                                   std::string_view body = {}) {
        auto client = server->connect();
        std::string text = std::string(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: x\r\n");
        if (!token.empty())
            text.append("Authorization: Bearer ").append(token).append("\r\n");
        if (!body.empty())
            text += "Content-Type: application/json\r\n";
        return client.exchange(text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                               std::string(body));
    }

    FakeTransportStore broadcasts;
    FakeKeyStore keys;

private:
    static constexpr const char* kPepper = "pepper";

    std::vector<http::Route> guarded() {
        std::vector<http::Route> all;
        for (auto&& some : {broadcast_api_.routes(), hold_api_.routes(), key_api_.routes()})
            for (auto route : some) {
                table.push_back({std::string(route.method), std::string(route.path), route.scope});
                route.admit = [this, scope = route.scope.value()](http::Request& request) {
                    return admission_->needing(scope)(request);
                };
                all.push_back(std::move(route));
            }
        return all;
    }

    FreeInstallation installation_;
    app::CreateBroadcast create_{broadcasts, {.max_recipients = 300, .max_message_chars = 20, .ticket_size = 100}};
    transport::BroadcastApi broadcast_api_{create_, broadcasts, {}};
    transport::HoldApi hold_api_{installation_, {}};
    app::ManageKeys manage_{keys, {kPepper}};
    transport::KeyApi key_api_{manage_};
    std::unique_ptr<Clock> clock_; // of the server's shard, as what follows
    std::optional<app::Authenticate> authenticate_;
    std::optional<transport::BearerAdmission> admission_;

public:
    struct Entry {
        std::string method, path;
        std::optional<Scope> scope;
    };
    std::vector<Entry> table; ///< of the routes
    std::optional<TransportServer> server;
};

} // namespace smsbcast::test
