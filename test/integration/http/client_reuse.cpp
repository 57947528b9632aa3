#include "client_fixture.hpp"

#include <algorithm>

using namespace smsbcast;
using namespace smsbcast::test;
using namespace std::chrono_literals;

namespace {

/// Answers every request, and closes after the n-th without having said so.
ScriptedServer::Script closes_after(int most) {
    const auto serve = [](Peer& peer, int left) -> Awaitable<> {
        for (; left > 0; --left) {
            if ((co_await peer.read_request()).empty())
                co_return;
            co_await peer.write(http_answer(202, "{}"));
        }
        peer.close();
    };
    return [=](Peer& peer) { return serve(peer, most); };
}

struct Sent {
    int answered = 0;
    int lost = 0; // of which nobody knows
    int other = 0;
};

/// Requests of which so many are under way at once, to a server of which each connection keeps to the script.
class Load {
public:
    Load(ScriptedServer::Script script, http::ClientOptions options)
        : server(loop_, {std::move(script)}), client_(loop_.context, at(std::move(options), server.port())) {}
    ~Load() {
        client_.close();
        server.stop();
        loop_.run_dry();
    }

    Sent send(int requests, int at_once) {
        left_ = requests;
        sent_ = {};
        for (int i = 0; i < at_once; ++i)
            loop_.tasks.spawn("sender", [this] { return send_all(); });
        loop_.run_until([&] { return sent_.answered + sent_.lost + sent_.other == requests; });
        return sent_;
    }

private:
    static http::ClientOptions at(http::ClientOptions options, std::uint16_t port) {
        options.host = "127.0.0.1";
        options.port = port;
        return options;
    }

    Awaitable<> send_all() {
        while (left_-- > 0) {
            const http::ClientRequest request{.target = "/send", .body = "{}"};
            const auto exchanged = co_await client_.exchange(request, Deadline::after(60s));
            const auto* error = std::get_if<http::ClientError>(&exchanged.result);
            if (!error)
                ++sent_.answered;
            else
                ++(error->failure == http::ClientFailure::uncertain ? sent_.lost : sent_.other);
        }
    }

    HttpLoop loop_;

public:
    ScriptedServer server;

private:
    http::Client client_;
    int left_ = 0;
    Sent sent_;
};

} // namespace

TEST_CASE("A peer that closes after its answers without saying so loses next to nothing", "[http][client]") {
    const auto [limit, connections, at_once] = GENERATE(table<int, std::size_t, int>(
        {{1, 64, 64}, {1, 64, 10}, {1, 1, 1}, {1, 64, 1}, {1, 8, 64}, {2, 64, 64}, {5, 64, 64}, {40, 64, 64}}));
    CAPTURE(limit, connections, at_once);
    Load load(closes_after(limit), {.connections = connections});
    const auto sent = load.send(3000, at_once);
    CHECK(sent.lost <= 10);
    CHECK(sent.other == 0);
    CHECK(sent.answered == 3000 - sent.lost);
}

TEST_CASE("A peer that keeps its connections is soon asked over them alone", "[http][client]") {
    const auto [connections, at_once] = GENERATE(table<std::size_t, int>({{64, 64}, {64, 8}, {1, 1}, {4, 64}}));
    CAPTURE(connections, at_once);
    Load load(answer(http_answer(202, "{}")), {.connections = connections});
    CHECK(load.send(5'000, at_once).answered == 5'000);
    const auto before = load.server.accepted();
    CHECK(load.send(5'000, at_once).answered == 5'000);
    CHECK(load.server.accepted() <= before + 64);
}
