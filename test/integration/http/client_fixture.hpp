#pragma once

#include "scripted_server.hpp"
#include "smsbcast/http/client.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace smsbcast::test {

using http::Client;
using http::ClientError;
using http::ClientExchange;
using http::ClientFailure;
using http::ClientOptions;
using http::ClientRequest;
using http::ClientResponse;

/// A client of one scripted server.
struct ClientFixture {
    HttpLoop loop;
    ScriptedServer server;
    http::Client client;

    explicit ClientFixture(std::vector<ScriptedServer::Script> scripts, http::ClientOptions options = {})
        : server(loop, std::move(scripts)), client(loop.context, complete(std::move(options))) {}

    ~ClientFixture() {
        client.close();
        server.stop();
        loop.run_dry();
        CHECK(loop.tasks.running() == 0);
    }

    static http::ClientRequest post(std::string_view body = "{}") {
        return {.method = "POST", .target = "/send", .content_type = "application/json", .body = body};
    }

    http::ClientExchange exchange(http::ClientRequest request = post(), std::chrono::milliseconds budget = kPatience) {
        const auto deadline = Deadline::after(budget);
        return loop.wait<http::ClientExchange>([&] { return client.exchange(request, deadline); });
    }

    http::ClientResponse response(http::ClientRequest request = post()) {
        auto exchanged = exchange(request);
        if (const auto* error = std::get_if<http::ClientError>(&exchanged.result))
            throw std::runtime_error("no response: " + error->code);
        return std::get<http::ClientResponse>(exchanged.result);
    }

    http::ClientError error(http::ClientRequest request = post(), std::chrono::milliseconds budget = kPatience) {
        return std::get<http::ClientError>(exchange(request, budget).result);
    }

private:
    http::ClientOptions complete(http::ClientOptions options) const {
        options.port = server.port();
        options.settle = std::chrono::milliseconds(0); // these servers keep their connections, or say that they do not
        return options;
    }
};

} // namespace smsbcast::test
