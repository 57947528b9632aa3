#include "once.hpp"

#include "smsbcast/roles/roles.hpp"
#include "smsbcast/runtime/http_client.hpp"

#include <boost/url/parse.hpp>

#include <fmt/core.h>

#include <vector>

namespace smsbcast::roles {

using runtime::Awaitable;
using namespace std::chrono_literals;

namespace {

struct Target {
    std::string host;
    std::uint16_t port = 80;
    std::string path = "/health/ready";
};

enum class Answer { ready, not_ready, none };

std::optional<Target> parse_target(const std::string& url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed || parsed->scheme() != "http" || parsed->encoded_host().empty())
        return std::nullopt;
    Target target;
    target.host = parsed->host_address();
    if (parsed->has_port())
        target.port = parsed->port_number();
    const std::string path(parsed->encoded_path());
    if (!path.empty() && path != "/")
        target.path = path;
    return target;
}

// A role that listens everywhere is asked at the loopback address.
std::vector<Target> configured(const config::Config& config) {
    std::vector<Target> targets;
    for (const auto& address : {config.api.http_addr, config.dlr.http_addr, config.outbox.http_addr,
                                config.worker.http_addr, config.mock.http_addr}) {
        const bool everywhere = address.host.empty() || address.host == "0.0.0.0" || address.host == "::";
        targets.push_back({everywhere ? "127.0.0.1" : address.host, address.port, "/health/ready"});
    }
    return targets;
}

Awaitable<Answer> ask(boost::asio::io_context& shard, Target target) {
    runtime::HttpClientOptions options;
    options.host = target.host;
    options.port = target.port;
    options.host_header = fmt::format("{}:{}", target.host, target.port);
    options.connections = 1;
    options.connect_timeout = 2s;
    runtime::HttpClient client(shard, options);
    runtime::HttpRequest request;
    request.method = "GET";
    request.target = target.path;
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
    std::vector<Target> targets;
    if (url) {
        const auto target = parse_target(*url);
        if (!target) {
            fmt::print(stderr, "smsbcast health: the URL must be http://host[:port][/path]\n");
            return 2;
        }
        targets.push_back(*target);
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
