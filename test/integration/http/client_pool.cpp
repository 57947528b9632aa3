#include "client_fixture.hpp"

#include <algorithm>

using namespace smsbcast;
using namespace smsbcast::test;
using namespace std::chrono_literals;

namespace {

Awaitable<> answer_once_then(Peer& peer, std::string text, void (Peer::*end)()) {
    co_await peer.read_request();
    co_await peer.write(std::move(text));
    (peer.*end)();
}

/// Starts an exchange that notes its place among those that ended.
void begin(ClientFixture& f, int number, std::vector<int>& ended, std::chrono::milliseconds budget = kPatience) {
    const auto run = [](ClientFixture& fixture, int n, std::vector<int>& into, Deadline deadline) -> Awaitable<> {
        const auto exchanged = co_await fixture.client.exchange(ClientFixture::post(), deadline);
        into.push_back(std::holds_alternative<http::ClientResponse>(exchanged.result) ? n : -n);
    };
    const auto deadline = Deadline::after(budget);
    f.loop.tasks.spawn("exchange", [=, &f, &ended] { return run(f, number, ended, deadline); });
}

} // namespace

TEST_CASE("A connection that the peer closed while it was idle is replaced unseen", "[http][client]") {
    const auto end = GENERATE(&Peer::close, &Peer::reset);
    const auto once = [end](Peer& peer) { return answer_once_then(peer, http_answer(200, "x"), end); };
    ClientFixture f({once});
    for (int i = 1; i <= 5; ++i) {
        CHECK(f.response().status == 200);
        CHECK(f.server.accepted() == static_cast<std::size_t>(i));
        f.loop.run_until([&] { return f.loop.tasks.running() == 1; }); // the script of that connection has ended
    }
}

TEST_CASE("What the peer says unasked is not taken for an answer", "[http][client]") {
    bool said = false;
    const auto say_more = [](Peer& peer, bool& done) -> Awaitable<> {
        co_await peer.read_request();
        co_await peer.write(http_answer(200, "asked"));
        co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        co_await peer.write(http_answer(200, "unasked"));
        done = true;
        co_await peer.wait_for_close();
    };
    ClientFixture f({[&](Peer& peer) { return say_more(peer, said); }});
    CHECK(f.response().body == "asked");
    f.loop.run_until([&] { return said; });
    CHECK(f.response().body == "asked");
    CHECK(f.server.accepted() == 2);
}

TEST_CASE("An idle connection is closed after the idle timeout, or a second before the peer would", "[http][client]") {
    const auto [head, idle_timeout] = GENERATE(table<std::string, std::chrono::milliseconds>(
        {{"", 30ms}, {"Keep-Alive: timeout=1, max=100\r\n", 60'000ms}, {"Keep-Alive: timeout=0\r\n", 60'000ms}}));
    bool closed = false;
    const auto watch = [](Peer& peer, std::string text, bool& done) -> Awaitable<> {
        co_await peer.read_request();
        co_await peer.write(text);
        co_await peer.wait_for_close();
        done = true;
    };
    const auto text = http_answer(200, "", head);
    ClientFixture f({[&](Peer& peer) { return watch(peer, text, closed); }}, {.idle_timeout = idle_timeout});
    f.response();
    f.loop.run_until([&] { return closed; });
    f.response();
    CHECK(f.server.accepted() == 2);
}

TEST_CASE("No more connections than allowed, and who waits is served in turn", "[http][client]") {
    int under_way = 0, most = 0;
    const auto count = [](Peer& peer, int& now, int& peak) -> Awaitable<> {
        while (!(co_await peer.read_request()).empty()) {
            peak = std::max(peak, ++now);
            co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
            --now;
            co_await peer.write(http_answer(200, ""));
        }
    };
    ClientFixture f({[&](Peer& peer) { return count(peer, under_way, most); }}, {.connections = 2});
    std::vector<int> ended;
    for (int i = 1; i <= 50; ++i)
        begin(f, i, ended);
    f.loop.run_until([&] { return ended.size() == 50; });
    CHECK(most <= 2);
    CHECK(f.server.accepted() <= 6); // until it is known that they may be used again
    CHECK(std::ranges::all_of(ended, [](int number) { return number > 0; }));
    // Two are under way at a time, so a neighbour may overtake by one.
    for (std::size_t i = 0; i < ended.size(); ++i)
        CHECK(std::abs(ended[i] - static_cast<int>(i + 1)) <= 2);
}

TEST_CASE("Who waits for a connection gives up at the own deadline: not sent", "[http][client]") {
    ClientFixture f({hang()}, {.connections = 1});
    std::vector<int> ended;
    begin(f, 1, ended, 300ms);
    const auto error = f.error(ClientFixture::post(), 50ms);
    CHECK(error.failure == http::ClientFailure::not_sent);
    CHECK(error.code == "timeout");
    f.loop.run_until([&] { return !ended.empty(); });
    CHECK(ended == std::vector{-1});
}

TEST_CASE("Each exchange ends at its own deadline, in whatever order they were begun", "[http][client]") {
    ClientFixture f({hang()}, {.connections = 8});
    std::vector<int> ended;
    begin(f, 3, ended, 900ms);
    begin(f, 1, ended, 300ms);
    begin(f, 2, ended, 600ms);
    f.loop.run_until([&] { return ended.size() == 3; });
    CHECK(ended == std::vector{-1, -2, -3});
}

TEST_CASE("After close() nothing is begun, and what is under way ends", "[http][client]") {
    bool asked = false;
    bool answer_now = false;
    const auto wait_for_word = [](Peer& peer, bool& told, bool& go) -> Awaitable<> {
        co_await peer.read_request();
        told = true;
        while (!go)
            co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        co_await peer.write(http_answer(200, ""));
        co_await peer.wait_for_close();
    };
    ClientFixture f({[&](Peer& peer) { return wait_for_word(peer, asked, answer_now); }}, {.connections = 1});
    std::vector<int> ended;
    begin(f, 1, ended);
    f.loop.run_until([&] { return asked; });
    begin(f, 2, ended);
    f.client.close();
    f.loop.run_until([&] { return ended.size() == 1; });
    CHECK(ended == std::vector{-2});
    CHECK(f.error().code == "closed");
    answer_now = true;
    f.loop.run_until([&] { return ended.size() == 2; });
    CHECK(ended == std::vector{-2, 1});
}

TEST_CASE("An exchange outlives its client", "[http][client]") {
    HttpLoop loop;
    ScriptedServer server(loop, {answer(http_answer(200, "x"))});
    std::optional<http::ClientExchange> exchanged;
    {
        http::Client client(loop.context, {.host = "127.0.0.1", .port = server.port()});
        const auto run = [](http::Client& c, std::optional<http::ClientExchange>& into) -> Awaitable<> {
            into = co_await c.exchange(ClientFixture::post(), Deadline::after(kPatience));
        };
        loop.tasks.spawn("exchange", [&] { return run(client, exchanged); });
        loop.run_until([&] { return server.accepted() == 1; });
    }
    loop.run_until([&] { return exchanged.has_value(); });
}

TEST_CASE("cut() ends what is under way, wherever it is", "[http][client]") {
    ClientFixture f({hang()}, {.connections = 1});
    std::optional<http::ClientExchange> under_way;
    const auto run = [](http::Client& client, std::optional<http::ClientExchange>& into) -> Awaitable<> {
        into = co_await client.exchange(ClientFixture::post(), Deadline::after(kPatience));
    };
    f.loop.tasks.spawn("exchange", [&] { return run(f.client, under_way); });
    std::vector<int> ended;
    begin(f, 1, ended);
    const bool connected = GENERATE(false, true);
    if (connected)
        f.loop.run_until([&] { return f.server.accepted() == 1; });
    else
        f.loop.turn();
    f.client.cut();
    f.loop.run_until([&] { return under_way.has_value() && !ended.empty(); });
    CHECK(std::get<http::ClientError>(under_way->result).code == "closed");
    CHECK(f.error().code == "closed");
}
