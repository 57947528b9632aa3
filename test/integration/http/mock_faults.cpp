#include "mock_fixture.hpp"

#include <algorithm>

using namespace smsbcast;
using namespace smsbcast::test;
using namespace std::chrono_literals;

namespace {

namespace json = boost::json;

mock::MockOptions without_delay() {
    mock::MockOptions options;
    options.faults.receipt_delay = 0ms;
    return options;
}

} // namespace

TEST_CASE("Faults are set, read and reset over HTTP", "[http][mock]") {
    MockFixture f(without_delay());
    CHECK(f.ask_json("GET", "/_mock/faults").at("receipt_delay_ms") == 0);
    f.set_faults(R"({"error_rate":1,"error_status":502})");
    CHECK(f.send(fresh_id(), "k").status == 502);
    const auto problem = f.ask_json("POST", "/_mock/faults", R"({"error_rat":0})", 422);
    CHECK(problem.at("errors").at(0).at("field") == "error_rat");
    CHECK(f.send(fresh_id(), "k2").status == 502);
    CHECK(f.ask_json("DELETE", "/_mock/faults").at("error_rate") == 0);
    CHECK(f.send(fresh_id(), "l").status == 202);
    CHECK(f.stat("errors") == 2);
}

TEST_CASE("An error and a throttled request accept nothing; the key serves again", "[http][mock]") {
    MockFixture f(without_delay());
    const auto id = fresh_id();
    f.set_faults(R"({"throttle_rate":1,"retry_after_s":7})");
    const auto throttled = f.send(id, "k");
    CHECK(throttled.status == 429);
    CHECK(throttled.retry_after == "7");
    f.set_faults(R"({"throttle_rate":0,"error_rate":1})");
    CHECK(f.send(id, "k").status == 500);
    f.set_faults(R"({"error_rate":0})");
    CHECK(f.send(id, "k").status == 202);
    CHECK(f.row(id).at("requests") == 3);
    CHECK(f.row(id).at("accepted") == 1);
    CHECK(f.stat("duplicates") == 0);
}

TEST_CASE("A fault of the connection, and what it means for the message", "[http][mock]") {
    const auto [fault, code, stat, accepted] = GENERATE(table<std::string, std::string, std::string, int>({
        {"hang_rate", "timeout", "hangs", 1},
        {"reset_before_rate", "reset", "resets", 0},
        {"reset_after_rate", "reset", "resets", 1},
        {"truncate_rate", "closed", "truncated", 1},
    }));
    CAPTURE(fault);
    MockFixture f(without_delay());
    const auto id = fresh_id();
    f.set_faults("{\"" + fault + "\":1}");
    // Long enough for the mock to have taken it.
    const auto error = f.send_in_vain(id, "k", code == "timeout" ? 1s : std::chrono::milliseconds(kPatience));
    CHECK(error.failure == http::ClientFailure::uncertain);
    CHECK(error.code == code);
    CHECK(f.row(id).at("accepted") == accepted);
    CHECK(f.stat(stat) == 1);
    if (accepted == 1)
        f.wait_for_receipts(1);
    f.set_faults("{\"" + fault + "\":0}");
    CHECK(f.send(id, "k").status == 202);
    CHECK(f.row(id).at("accepted") == 1);
    CHECK(f.stat("duplicates") == accepted);
}

TEST_CASE("Latency delays the answer", "[http][mock]") {
    MockFixture f(without_delay());
    f.set_faults(R"({"latency_ms":50,"jitter_ms":10})");
    const auto start = Deadline::Clock::now();
    CHECK(f.send(fresh_id(), "k").status == 202);
    CHECK(Deadline::Clock::now() - start >= 50ms);
}

TEST_CASE("A receipt can come before the answer", "[http][mock]") {
    MockFixture f;
    f.set_faults(R"({"receipt_first_rate":1,"receipt_delay_ms":60000})");
    f.webhook_waits = true;
    const auto id = fresh_id();
    const auto early = f.exchange("POST", "/send", f.send_body(id), "k", 1s);
    CHECK(std::holds_alternative<http::ClientError>(early.result));
    CHECK(f.receipts.size() == 1);
    f.webhook_waits = false;
    CHECK(f.send(fresh_id(), "l").status == 202);
    CHECK(f.receipts.size() == 2);
}

TEST_CASE("Receipts that are doubled, failed or lost", "[http][mock]") {
    MockFixture f(without_delay());
    f.set_faults(R"({"receipt_double_rate":1,"receipt_failed_rate":1})");
    f.send(fresh_id(), "k");
    f.wait_for_receipts(2);
    CHECK(f.receipts[0].body == f.receipts[1].body);
    CHECK(f.receipts[0].body.at("status") == "failed");
    CHECK(f.receipts[0].body.contains("error_code"));
    f.set_faults(R"({"receipt_lost_rate":1})");
    const auto id = fresh_id();
    CHECK(f.send(id, "l").status == 202);
    f.loop.run_until([&] { return f.stat("receipts_waiting") == 0; });
    CHECK(f.receipts.size() == 2);
    CHECK(f.row(id).at("receipts_posted") == 0);
}

TEST_CASE("The ledger tells of requests after one that left its sender in doubt", "[http][mock]") {
    MockFixture f(without_delay());
    const auto [faults, doubt] = GENERATE(table<std::string, int>({
        {R"({"error_rate":1})", 1},
        {R"({"error_rate":1,"error_status":404})", 0},
        {R"({"throttle_rate":1})", 0},
        {R"({"reset_before_rate":1})", 1},
        {R"({"reset_after_rate":1})", 1},
        {R"({"truncate_rate":1})", 1},
        {"{}", 0},
    }));
    CAPTURE(faults);
    const auto id = fresh_id();
    f.set_faults(faults);
    f.exchange("POST", "/send", f.send_body(id), "k");
    f.set_faults(R"({"error_rate":0,"throttle_rate":0,"reset_before_rate":0,"reset_after_rate":0,"truncate_rate":0})");
    f.send(id, "k");
    CHECK(f.row(id).at("requests") == 2);
    CHECK(f.row(id).at("after_uncertain") == doubt);
}

TEST_CASE("Shuffled receipts all come, each within two seconds of its turn", "[http][mock]") {
    MockFixture f(without_delay());
    f.set_faults(R"({"receipt_shuffle_rate":1})");
    std::vector<std::string> sent;
    for (int i = 0; i < 30; ++i)
        f.send(sent.emplace_back(fresh_id()), "k" + std::to_string(i));
    f.wait_for_receipts(30);
    std::vector<std::string> came;
    for (const auto& receipt : f.receipts)
        came.emplace_back(receipt.body.at("message_id").as_string());
    CHECK(came != sent);
    std::ranges::sort(came);
    std::ranges::sort(sent);
    CHECK(came == sent);
}

TEST_CASE("The mock stops at once, whatever is under way", "[http][mock]") {
    MockFixture f(without_delay());
    const auto state = GENERATE(as<std::string>(), R"({"latency_ms":60000})", R"({"hang_rate":1})",
                                R"({"receipt_first_rate":1})", R"({"receipt_delay_ms":60000})");
    CAPTURE(state);
    f.set_faults(state);
    f.webhook_waits = true;
    f.exchange("POST", "/send", f.send_body(fresh_id()), "k", 500ms);
    f.stop();
    f.webhook_waits = false;
}

TEST_CASE("Many messages at a time: each is accepted once and has its receipt", "[http][mock]") {
    MockFixture f(without_delay());
    constexpr int kCount = 2000;
    int answered = 0;
    const auto poster = [](MockFixture& self, int number, int& count) -> Awaitable<> {
        http::Client client(self.loop.context, {.host = "127.0.0.1", .port = self.port(), .connections = 1});
        for (int i = 0; i < kCount / 20; ++i) {
            const auto id = fresh_id();
            const auto body = self.send_body(id);
            const auto key = std::to_string(number) + "-" + std::to_string(i);
            const http::Header header{"Idempotency-Key", key};
            const http::ClientRequest request{
                .target = "/send", .headers = {&header, 1}, .content_type = "application/json", .body = body};
            const auto exchanged = co_await client.exchange(request, Deadline::after(kPatience));
            const auto* response = std::get_if<http::ClientResponse>(&exchanged.result);
            count += response && response->status == 202 ? 1 : 0;
        }
    };
    for (int i = 0; i < 20; ++i)
        f.loop.tasks.spawn("poster", [&, i] { return poster(f, i, answered); });
    f.loop.run_until([&] { return answered == kCount && f.receipts.size() == kCount; });
    CHECK(f.stat("accepted") == kCount);
    CHECK(f.stat("accepted_twice") == 0);
    CHECK(f.stat("distinct_messages") == kCount);
}
