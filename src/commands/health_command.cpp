#include "health_report.hpp"

#include "smsbcast/commands/commands.hpp"
#include "smsbcast/http/client.hpp"
#include "smsbcast/http/url.hpp"
#include "smsbcast/runtime/run_once.hpp"

#include <fmt/core.h>

#include <vector>

namespace smsbcast::commands {

using runtime::Awaitable;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kReadyPath = "/health/ready";

struct Target {
    std::string_view role; ///< that is configured there; empty: whichever
    http::Url url;
};

Target target_of(config::Role role, const config::Address& address) {
    const auto asked = config::reachable_here(address);
    return {config::to_string(role), {asked.host, asked.port, config::to_string(asked), std::string(kReadyPath), {}}};
}

std::vector<Target> configured(const config::Config& config) {
    std::vector<Target> targets;
    for (const auto role : config::kAllRoles)
        if (!config::traits(role).is_stand_in || !config.provider.url_given) // otherwise somebody else may be there
            targets.push_back(target_of(role, config.http_addr[role]));
    return targets;
}

Awaitable<HealthAnswer> ask(boost::asio::io_context& shard, Target target) {
    HealthAnswer answer{.address = target.url.host_header, .expected = std::string(target.role)};
    http::ClientOptions options;
    options.host = target.url.host;
    options.port = target.url.port;
    options.host_header = target.url.host_header;
    options.connections = 1;
    options.connect_timeout = 2s;
    http::Client client(shard, options);
    http::ClientRequest request;
    request.method = "GET";
    request.target = target.url.target;
    const auto exchange = co_await client.exchange(request, Deadline::after(3s));
    client.close();
    if (const auto* const response = std::get_if<http::ClientResponse>(&exchange.result)) {
        answer.ready = response->status == 200;
        read_health(response->body, answer);
        if (!answer.ready)
            answer.words = fmt::format("{} {}", response->status, response->body);
    } else {
        const auto& error = std::get<http::ClientError>(exchange.result);
        answer.words = error.message;
        if (error.failure != http::ClientFailure::not_sent) // somebody is there and says nothing
            answer.role = answer.expected;
    }
    co_return answer;
}

HealthAnswer asked(const Target& target) {
    return runtime::run_once<HealthAnswer>([&](boost::asio::io_context& shard) { return ask(shard, target); });
}

// Whoever answers there, a role or a load balancer before it.
int check_one(const std::string& url) {
    auto parsed = http::parse_url(url);
    if (const auto* const error = std::get_if<http::UrlError>(&parsed)) {
        fmt::print(stderr, "smsbcast health: the URL {}\n", message(*error));
        return 2;
    }
    auto& target = std::get<http::Url>(parsed);
    if (target.target == "/")
        target.target = kReadyPath;
    const auto answer = asked({{}, std::move(target)});
    if (!answer.ready)
        fmt::print(stderr, "smsbcast health: {}: {}\n", answer.address, answer.words);
    return answer.ready ? 0 : 1;
}

} // namespace

int check_health(const std::optional<std::string>& url, const config::Config& config) {
    if (url)
        return check_one(*url);
    std::vector<HealthAnswer> answers;
    for (const auto& target : configured(config))
        answers.push_back(asked(target));
    const auto report = judge(answers);
    for (const auto& text : report.lines)
        fmt::print(report.healthy ? stdout : stderr, "{}\n", text);
    return report.healthy ? 0 : 1;
}

} // namespace smsbcast::commands
