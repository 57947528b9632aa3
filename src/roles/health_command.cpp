#include "once.hpp"

#include "smsbcast/roles/roles.hpp"
#include "smsbcast/runtime/http_client.hpp"
#include "smsbcast/runtime/http_url.hpp"

#include <fmt/core.h>

#include <vector>

namespace smsbcast::roles {

using runtime::Awaitable;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kReadyPath = "/health/ready";

enum class Answer { ready, not_ready, none };

// A role that listens everywhere is asked at the loopback address.
std::vector<runtime::HttpUrl> configured(const config::Config& config) {
    std::vector<runtime::HttpUrl> targets;
    std::vector addresses{config.api.http_addr, config.dlr.http_addr, config.outbox.http_addr, config.worker.http_addr};
    if (!config.provider.url_given) // otherwise somebody else may be where the mock would be
        addresses.push_back(config.mock.http_addr);
    for (const auto& address : addresses) {
        const bool everywhere = address.host.empty() || address.host == "0.0.0.0" || address.host == "::";
        runtime::HttpUrl target;
        target.host = everywhere ? "127.0.0.1" : address.host;
        target.port = address.port;
        target.host_header = fmt::format("{}:{}", target.host, target.port);
        target.target = kReadyPath;
        targets.push_back(std::move(target));
    }
    return targets;
}

Awaitable<Answer> ask(boost::asio::io_context& shard, runtime::HttpUrl target) {
    runtime::HttpClientOptions options;
    options.host = target.host;
    options.port = target.port;
    options.host_header = target.host_header;
    options.connections = 1;
    options.connect_timeout = 2s;
    runtime::HttpClient client(shard, options);
    runtime::HttpRequest request;
    request.method = "GET";
    request.target = target.target;
    const auto exchange = co_await client.exchange(request, Deadline::after(3s));
    client.close();
    if (const auto* const response = std::get_if<runtime::HttpResponse>(&exchange.result)) {
        if (response->status == 200)
            co_return Answer::ready;
        fmt::print(stderr, "{}:{} answers {}: {}\n", target.host, target.port, response->status, response->body);
        co_return Answer::not_ready;
    }
    const auto& error = std::get<runtime::HttpError>(exchange.result);
    if (error.failure == runtime::HttpFailure::not_sent)
        co_return Answer::none;
    fmt::print(stderr, "{}:{}: {}\n", target.host, target.port, error.message);
    co_return Answer::not_ready;
}

} // namespace

int check_health(const std::optional<std::string>& url, const config::Config& config) {
    std::vector<runtime::HttpUrl> targets;
    if (url) {
        auto parsed = runtime::parse_http_url(*url);
        if (const auto* const error = std::get_if<runtime::HttpUrlError>(&parsed)) {
            fmt::print(stderr, "smsbcast health: the URL {}\n", message(*error));
            return 2;
        }
        auto& target = std::get<runtime::HttpUrl>(parsed);
        if (target.target == "/")
            target.target = kReadyPath;
        targets.push_back(std::move(target));
    } else {
        targets = configured(config);
    }
    int ready = 0, not_ready = 0;
    for (const auto& target : targets) {
        const auto answer = run_once<Answer>([&](boost::asio::io_context& shard) { return ask(shard, target); });
        ready += answer == Answer::ready ? 1 : 0;
        not_ready += answer == Answer::not_ready ? 1 : 0;
    }
    if (ready == 0 && not_ready == 0)
        fmt::print(stderr, "smsbcast health: nobody answers\n");
    return ready > 0 && not_ready == 0 ? 0 : 1;
}

} // namespace smsbcast::roles
