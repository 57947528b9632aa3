#pragma once

#include "scripted_server.hpp"
#include "smsbcast/runtime/http_client.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace smsbcast::test {

using runtime::HttpClient;
using runtime::HttpClientOptions;
using runtime::HttpError;
using runtime::HttpExchange;
using runtime::HttpFailure;
using runtime::HttpRequest;
using runtime::HttpResponse;

/// A client of one scripted server.
struct ClientFixture {
    HttpLoop loop;
    ScriptedServer server;
    HttpClient client;

    explicit ClientFixture(std::vector<ScriptedServer::Script> scripts, HttpClientOptions options = {})
        : server(loop, std::move(scripts)), client(loop.context, complete(std::move(options))) {}

    ~ClientFixture() {
        client.close();
        server.stop();
        loop.run_dry();
        CHECK(loop.tasks.running() == 0);
    }

    static HttpRequest post(std::string_view body = "{}") {
        return {.method = "POST", .target = "/send", .content_type = "application/json", .body = body};
    }

    HttpExchange exchange(HttpRequest request = post(), std::chrono::milliseconds budget = kPatience) {
        const auto deadline = Deadline::after(budget);
        return loop.wait<HttpExchange>([&] { return client.exchange(request, deadline); });
    }

    HttpResponse response(HttpRequest request = post()) {
        auto exchanged = exchange(request);
        if (const auto* error = std::get_if<HttpError>(&exchanged.result))
            throw std::runtime_error("no response: " + error->code);
        return std::get<HttpResponse>(exchanged.result);
    }

    HttpError error(HttpRequest request = post(), std::chrono::milliseconds budget = kPatience) {
        return std::get<HttpError>(exchange(request, budget).result);
    }

private:
    HttpClientOptions complete(HttpClientOptions options) const {
        options.port = server.port();
        options.settle = std::chrono::milliseconds(0); // these servers keep their connections, or say that they do not
        return options;
    }
};

} // namespace smsbcast::test
