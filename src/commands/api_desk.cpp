#include "hold_desk.hpp"

#include "smsbcast/config/address.hpp"
#include "smsbcast/http/client.hpp"
#include "smsbcast/runtime/run_once.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <array>
#include <stdexcept>

namespace smsbcast::commands {

using namespace std::chrono_literals;

using runtime::Awaitable;

namespace {

namespace json = boost::json;

std::string text_of(const json::object& document, std::string_view name) {
    const auto* value = document.if_contains(name);
    const auto* text = value ? value->if_string() : nullptr;
    return text ? std::string(text->data(), text->size()) : std::string();
}

json::object parse(const std::string& body) {
    json::error_code error;
    auto value = json::parse(body, error);
    return !error && value.is_object() ? value.get_object() : json::object();
}

std::optional<Hold> hold_of(const json::object& document) {
    const auto since = parse_rfc3339(text_of(document, "since"));
    return since ? std::optional(Hold{*since, text_of(document, "because")}) : std::nullopt;
}

class ApiDesk final : public HoldDesk {
public:
    explicit ApiDesk(const config::Config& config)
        : file_(config.database.embedded.value_or("")),
          address_(config::reachable_here(config.http_addr[config::Role::api])), key_(config.client.key) {}

    std::optional<Hold> held() override { return hold_of(call("GET", "/api/hold", {})); }

    Hold hold(const std::string& because) override {
        const auto hold = hold_of(call("POST", "/api/hold", json::serialize(json::object{{"because", because}})));
        if (!hold)
            throw std::runtime_error(fmt::format("{}:{} did not say that it is held", address_.host, address_.port));
        return *hold;
    }

    Released release(std::optional<Timestamp> assume_sent_since) override {
        if (!held())
            return {};
        json::object body;
        if (assume_sent_since)
            body["assume_sent_since"] = to_rfc3339(*assume_sent_since);
        Released released{true, 0};
        for (bool more = true; more;) {
            const auto report = call("POST", "/api/release", json::serialize(body));
            const auto* assumed = report.if_contains("assumed_sent");
            const auto* held = report.if_contains("held");
            released.assumed_sent += assumed && assumed->is_int64() ? assumed->get_int64() : 0;
            more = held && held->is_bool() && held->get_bool();
        }
        return released;
    }

private:
    json::object call(std::string_view method, std::string_view target, std::string body) {
        const auto exchange = runtime::run_once<http::ClientExchange>(
            [&](boost::asio::io_context& shard) { return ask(shard, method, target, body); });
        if (const auto* response = std::get_if<http::ClientResponse>(&exchange.result)) {
            auto document = parse(response->body);
            if (response->status == 200)
                return document;
            const auto detail = text_of(document, "detail");
            throw std::runtime_error(fmt::format("{}:{} answers {}{}{}{}", address_.host, address_.port,
                                                 response->status, detail.empty() ? "" : ": ", detail,
                                                 response->status == 401 ? " SMSBCAST_KEY gives the key." : ""));
        }
        const auto& error = std::get<http::ClientError>(exchange.result);
        throw std::runtime_error(
            fmt::format("{} is in use by another process, and its API does not answer at {}:{} ({}): name its address "
                        "by HTTP_ADDR or --http-addr, or stop that process and try again",
                        file_, address_.host, address_.port, error.message));
    }

    Awaitable<http::ClientExchange> ask(boost::asio::io_context& shard, std::string_view method,
                                        std::string_view target, const std::string& body) {
        http::ClientOptions options;
        options.host = address_.host;
        options.port = address_.port;
        options.connections = 1;
        options.connect_timeout = 2s;
        http::Client client(shard, options);
        http::ClientRequest request;
        request.method = method;
        request.target = target;
        request.body = body;
        if (!body.empty())
            request.content_type = "application/json";
        const auto credentials = "Bearer " + key_.reveal();
        const std::array headers{http::Header{"Authorization", credentials}};
        if (!key_.reveal().empty())
            request.headers = headers;
        auto exchange = co_await client.exchange(request, Deadline::after(30s));
        client.close();
        co_return exchange;
    }

    std::string file_;
    config::Address address_;
    config::Secret key_;
};

} // namespace

std::unique_ptr<HoldDesk> make_api_desk(const config::Config& config) {
    return std::make_unique<ApiDesk>(config);
}

} // namespace smsbcast::commands
