#include "mock_fixture.hpp"

#include <algorithm>

using namespace smsbcast;
using namespace smsbcast::test;
using namespace std::chrono_literals;

namespace {

namespace json = boost::json;

std::string provider_id(const http::ClientResponse& response) {
    return std::string(json::parse(response.body).at("provider_id").as_string());
}

mock::MockOptions at_once() {
    mock::MockOptions options;
    options.faults.receipt_delay = 0ms;
    return options;
}

} // namespace

TEST_CASE("A message is accepted, and its receipt posted", "[http][mock]") {
    MockFixture f(at_once());
    const auto id = fresh_id();
    const auto response = f.send(id, id + "-0");
    CHECK(response.status == 202);
    const auto body = json::parse(response.body).as_object();
    CHECK(body.size() == 2);
    CHECK(body.at("message_id") == json::value(id));
    f.wait_for_receipts(1);
    CHECK(f.receipts[0].target == "/dlr?message_id=" + id);
    CHECK(f.receipts[0].body ==
          json::object{{"provider_id", body.at("provider_id")}, {"message_id", id}, {"status", "delivered"}});
    f.loop.run_until([&] { return f.stat("receipts_waiting") == 0; });
    const auto row = f.row(id);
    CHECK(row.at("to") == "+66812345678");
    CHECK(row.at("idempotency_key") == json::value(id + "-0"));
    CHECK(row.at("requests") == 1);
    CHECK(row.at("accepted") == 1);
    CHECK(row.at("provider_id") == body.at("provider_id"));
    CHECK(row.at("receipts_posted") == 1);
    CHECK(row.at("receipts_acknowledged") == 1);
    CHECK(row.at("last_receipt_status") == "delivered");
}

TEST_CASE("The same key is answered the same, accepted once, and has one receipt", "[http][mock]") {
    MockFixture f(at_once());
    const auto id = fresh_id();
    const auto first = f.send(id, "k");
    const auto second = f.send(id, "k");
    CHECK(second.status == first.status);
    CHECK(second.body == first.body);
    CHECK(f.ask("POST", "/send", f.send_body(id, "another text"), "k").status == 422);
    f.loop.run_until([&] { return f.stat("receipts_waiting") == 0; });
    CHECK(f.receipts.size() == 1);
    CHECK(f.stat("requests") == 3);
    CHECK(f.stat("accepted") == 1);
    CHECK(f.stat("duplicates") == 1);
    CHECK(f.stat("rejected") == 1);
    CHECK(f.stat("accepted_twice") == 0);
}

TEST_CASE("What names the message in the answer names it in the receipt", "[http][mock]") {
    MockFixture f(at_once());
    const auto id = fresh_id();
    f.set_faults(R"({"receipt_echo":"provider_id"})");
    const auto first = f.send(id, "k");
    f.set_faults(R"({"receipt_echo":"message_id"})");
    CHECK(f.send(id, "k").body == first.body);
    CHECK_FALSE(json::parse(first.body).as_object().contains("message_id"));
    f.wait_for_receipts(1);
    CHECK(f.receipts[0].target == "/dlr");
}

TEST_CASE("A provider that ignores keys accepts every request", "[http][mock]") {
    MockFixture f(at_once());
    f.set_faults(R"({"ignore_keys_rate":1})");
    const auto id = fresh_id();
    CHECK(provider_id(f.send(id, "k")) != provider_id(f.send(id, "k")));
    CHECK(f.row(id).at("accepted") == 2);
    CHECK(f.stat("duplicates") == 0);
    CHECK(f.stat("accepted_twice") == 1);
}

TEST_CASE("Another key is another acceptance, and it is told", "[http][mock]") {
    MockFixture f(at_once());
    const auto id = fresh_id();
    CHECK(provider_id(f.send(id, "k1")) != provider_id(f.send(id, "k2")));
    CHECK(provider_id(f.send(id, "")) != provider_id(f.send(id, "")));
    CHECK(f.stat("accepted_twice") == 1);
    CHECK(f.stat("distinct_messages") == 1);
    CHECK(f.row(id).at("accepted") == 4);
}

TEST_CASE("What is no message is refused", "[http][mock]") {
    MockFixture f;
    CHECK(f.ask("POST", "/send", "{").status == 400);
    CHECK(f.ask("POST", "/send", "{}").status == 400);
    auto body = json::parse(f.send_body(fresh_id())).as_object();
    body["to"] = "nobody";
    CHECK(f.ask("POST", "/send", json::serialize(body)).status == 422);
    body["to"] = "+66812345678";
    body["dlr_webhook_url"] = "https://h/dlr";
    CHECK(f.ask("POST", "/send", json::serialize(body)).status == 422);
    CHECK(f.ask("POST", "/send", f.send_body(fresh_id()), std::string(256, 'k')).status == 400);
    CHECK(f.stat("rejected") == 5);
    CHECK(f.stat("accepted") == 0);
}

TEST_CASE("A message without a webhook has the configured one", "[http][mock]") {
    const auto query = GENERATE(values<std::string>({"", "?tenant=7"}));
    MockFixture f(at_once(), "/dlr" + query);
    const auto id = fresh_id();
    const auto rest = GENERATE(values<std::string>({R"(,"dlr_webhook_url":"")", R"(,"dlr_webhook_url":null)", ""}));
    const auto named =
        f.ask("POST", "/send", R"({"message_id":")" + id + R"(","to":"+66812345678","body":"Hi")" + rest + "}");
    CHECK(named.status == 202);
    CHECK(parse_uuid(provider_id(named)));
    f.wait_for_receipts(1);
    CHECK(f.receipts[0].target == "/dlr" + query + (query.empty() ? "?" : "&") + "message_id=" + id);
    CHECK(f.receipts[0].body.at("message_id") == json::value(id));
    const auto other = f.ask("POST", "/send", R"({"message_id":"order 7","to":"0812345678","body":"Hi")" + rest + "}");
    CHECK(other.status == 202);
    f.wait_for_receipts(2);
    CHECK(f.receipts[1].target == "/dlr" + query);
    CHECK(f.receipts[1].body == json::object{{"provider_id", provider_id(other)}, {"status", "delivered"}});
}

TEST_CASE("Without any webhook a message is refused", "[http][mock]") {
    MockFixture f;
    const auto refused = f.ask("POST", "/send", R"({"to":"+66812345678","body":"Hi"})");
    CHECK(refused.status == 422);
    CHECK(f.stat("rejected") == 1);
}

TEST_CASE("Many receipts at once find their connections", "[http][mock]") {
    MockFixture f(at_once());
    constexpr std::size_t kMany = 1000;
    for (std::size_t i = 0; i < kMany; ++i)
        f.send(fresh_id(), "");
    f.wait_for_receipts(kMany);
    f.loop.run_until([&] { return f.stat("receipts_waiting") == 0; });
    CHECK(f.stat("receipts_acknowledged") == kMany);
    CHECK(f.stat("receipts_posted") == kMany);
}

TEST_CASE("A receipt that is not acknowledged is posted again", "[http][mock]") {
    MockFixture f(at_once());
    f.webhook_answers = {500, 404};
    f.send(fresh_id(), "k");
    f.wait_for_receipts(3);
    f.loop.run_until([&] { return f.stat("receipts_waiting") == 0; });
    CHECK(f.stat("receipts_posted") == 3);
    CHECK(f.stat("receipts_acknowledged") == 1);
    CHECK(f.receipts[2].body == f.receipts[0].body);
}

TEST_CASE("By the provider's id alone: neither the answer nor the receipt names the message", "[http][mock]") {
    auto options = at_once();
    options.faults.receipt_echo = mock::ReceiptEcho::provider_id;
    MockFixture f(options);
    const auto response = f.send(fresh_id(), "k");
    f.wait_for_receipts(1);
    CHECK(json::parse(response.body).as_object().size() == 1);
    CHECK(f.receipts[0].target == "/dlr");
    CHECK(f.receipts[0].body == json::object{{"provider_id", provider_id(response)}, {"status", "delivered"}});
}

TEST_CASE("More receipts than may wait: the message is not taken, and the client is told when to come again",
          "[http][mock]") {
    mock::MockOptions options;
    options.faults.receipt_delay = 60'000ms;
    options.max_waiting_receipts = 2;
    MockFixture f(options);
    const auto id = fresh_id();
    CHECK(f.send(id, "k").status == 202);
    CHECK(f.send(fresh_id(), "l").status == 202);
    const auto refused = f.send(fresh_id(), "m");
    CHECK(refused.status == 503);
    CHECK(refused.retry_after == "1");
    CHECK(f.send(id, "k").status == 202);
    CHECK(f.stat("throttled") == 1);
    CHECK(f.stat("receipts_waiting") == 2);
}

TEST_CASE("The ledger is read in pages, and cleared", "[http][mock]") {
    MockFixture f(at_once());
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i)
        f.send(ids.emplace_back(fresh_id()), "k" + std::to_string(i));
    std::vector<std::string> seen;
    std::string target = "/_mock/ledger?limit=2";
    for (;;) {
        const auto page = f.ask_json("GET", target);
        for (const auto& row : page.at("data").as_array())
            seen.emplace_back(row.at("message_id").as_string());
        if (page.at("next_after").is_null())
            break;
        target = "/_mock/ledger?limit=2&after=" + std::to_string(page.at("next_after").as_int64());
    }
    CHECK(seen == ids);
    for (const auto* query : {"limit=0", "limit=10001", "limit=x", "after=-1", "message_id=x", "more=1"})
        CHECK(f.ask("GET", std::string("/_mock/ledger?") + query).status == 400);
    CHECK(f.ask_json("GET", "/_mock/ledger?message_id=" + fresh_id()).at("data").as_array().empty());
    CHECK(f.ask("DELETE", "/_mock/ledger").status == 204);
    CHECK(f.stat("requests") == 0);
    CHECK(f.stat("distinct_messages") == 0);
    CHECK(f.ask_json("GET", "/_mock/ledger").at("data").as_array().empty());
    CHECK(f.send(ids[0], "k0").status == 202);
    CHECK(f.stat("accepted") == 1);
}
