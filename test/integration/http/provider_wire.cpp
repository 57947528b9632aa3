#include "scripted_server.hpp"

#include "smsbcast/adapters/http_provider/http_provider.hpp"

#include <functional>

using namespace smsbcast;
using namespace smsbcast::test;
using namespace std::chrono_literals;
using adapters::http_provider::make_http_provider;
using adapters::http_provider::Params;

namespace {

const MessageId kId{*parse_uuid("0192f0c4-7b8a-7c3d-8e1f-0123456789ab")};

Submission submission(std::string text = "Hi") {
    return {kId, PhoneNumber::from_digits(66812345678), std::make_shared<const std::string>(std::move(text)), 2};
}

struct Exchanged {
    std::string request;
    SubmitOutcome outcome;
};

Exchanged exchange(
    const std::string& answer, const std::function<void(Params&)>& change = [](Params&) {},
    Submission what = submission()) {
    HttpLoop loop;
    Exchanged result;
    const auto serve = [](Peer& peer, std::string text, std::string& into) -> Awaitable<> {
        into = co_await peer.read_request();
        co_await peer.write(text);
        co_await peer.wait_for_close();
    };
    ScriptedServer server(loop, {[&](Peer& peer) { return serve(peer, answer, result.request); }});
    Params params{.base_url = "http://127.0.0.1:" + std::to_string(server.port()),
                  .webhook_url = "http://localhost:8081/dlr"};
    change(params);
    const auto provider = make_http_provider(loop.context, params);
    CHECK(loop.wait<Result<void>>([&] { return provider->start(Deadline::after(kPatience)); }));
    result.outcome = loop.wait<SubmitOutcome>([&] { return provider->submit(what, Deadline::after(kPatience)); });
    return result;
}

std::string body_of(const std::string& request) {
    return request.substr(request.find("\r\n\r\n") + 4);
}

} // namespace

TEST_CASE("The request is the one that the wire describes", "[http][provider]") {
    std::string port;
    const auto seen = exchange(http_answer(202, R"({"provider_id":"p"})"),
                               [&](Params& params) { port = params.base_url.substr(params.base_url.rfind(':') + 1); });
    CHECK(seen.request ==
          "POST /send HTTP/1.1\r\nHost: 127.0.0.1:" + port +
              "\r\nUser-Agent: smsbcast\r\nIdempotency-Key: 0192f0c4-7b8a-7c3d-8e1f-0123456789ab-2\r\n"
              "Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: 179\r\n\r\n"
              R"({"message_id":"0192f0c4-7b8a-7c3d-8e1f-0123456789ab","to":"+66812345678","body":"Hi",)"
              R"("dlr_webhook_url":"http://localhost:8081/dlr?message_id=0192f0c4-7b8a-7c3d-8e1f-)"
              R"(0123456789ab"})");
}

TEST_CASE("The provider's address may have a path and a user", "[http][provider]") {
    const auto seen = exchange(http_answer(202, "{}"), [](Params& params) {
        params.base_url.replace(0, 7, "http://user:p%40ss@");
        params.base_url += "/v1/sms/";
    });
    CHECK(seen.request.starts_with("POST /v1/sms/send HTTP/1.1\r\n"));
    CHECK(seen.request.find("\r\nAuthorization: Basic dXNlcjpwQHNz\r\n") != std::string::npos);
    CHECK(seen.request.find("p%40ss") == std::string::npos);
}

TEST_CASE("The webhook's address may have a query of its own", "[http][provider]") {
    const auto seen =
        exchange(http_answer(202, "{}"), [](Params& params) { params.webhook_url = "https://x.example/d?t=1"; });
    CHECK(body_of(seen.request).find(R"("dlr_webhook_url":"https://x.example/d?t=1&message_id=0192f0c4-)") !=
          std::string::npos);
}

TEST_CASE("A text arrives whatever characters it has", "[http][provider]") {
    const auto seen = exchange(
        http_answer(202, "{}"), [](Params&) {}, submission("a\"b\\c\nd\x01 ก"));
    CHECK(body_of(seen.request).find("\"body\":\"a\\\"b\\\\c\\nd\\u0001 ก\",") != std::string::npos);
}

TEST_CASE("Addresses that cannot be used are refused at once, without their password", "[http][provider]") {
    asio::io_context shard;
    const auto [base, webhook] = GENERATE(table<std::string, std::string>({
        {"https://user:secret@sms.example", "http://h/dlr"},
        {"sms.example:9090", "http://h/dlr"},
        {"", "http://h/dlr"},
        {"http://sms.example/?key=secret", "http://h/dlr"},
        {"http://sms.example/#a", "http://h/dlr"},
        {"http://sms.example", ""},
        {"http://sms.example", "h/dlr"},
        {"http://sms.example", "ftp://h/dlr"},
        {"http://sms.example", "http://h/dlr#a"},
    }));
    CAPTURE(base, webhook);
    try {
        make_http_provider(shard, {.base_url = base, .webhook_url = webhook});
        FAIL("was taken");
    } catch (const std::invalid_argument& error) {
        CHECK(std::string(error.what()).find("secret") == std::string::npos);
        if (base.starts_with("https"))
            CHECK(std::string(error.what()).find("http://") != std::string::npos);
    }
}

TEST_CASE("Of the provider's address host and port are shown", "[http][provider]") {
    using adapters::http_provider::shown_address;
    CHECK(shown_address("http://me:hunter2@gate:9090/sms") == "gate:9090");
    CHECK(shown_address("http://gate") == "gate:80");
    CHECK(shown_address("http://me@[::1]:9/x") == "[::1]:9");
}

TEST_CASE("Which answers are an acceptance", "[http][provider]") {
    const auto [status, body, id, echoed] = GENERATE(table<int, std::string, std::string, bool>({
        {202, R"({"provider_id":"p1"})", "p1", false},
        {200, R"({"provider_id":"p1","more":[1,{}]})", "p1", false},
        {202, R"({"provider_id":"p1","message_id":"0192f0c4-7b8a-7c3d-8e1f-0123456789ab"})", "p1", true},
        {202, R"({"provider_id":"p1","message_id":"0192f0c4-7b8a-7c3d-8e1f-0123456789ac"})", "p1", false},
        {202, R"({"provider_id":"p1","message_id":7})", "p1", false},
        {202, R"({"provider_id":"รหัส"})", "รหัส", false},
        {202, "{\"provider_id\":\"" + std::string(255, 'x') + "\"}", std::string(255, 'x'), false},
        {202, R"({"provider_id":12345})", "12345", false},
        {202, R"({"provider_id": -7 ,"x":1})", "-7", false},
        {202, R"({"provider_id":18446744073709551615})", "18446744073709551615", false},
        {202, R"({"provider_id":12345678901234567890123})", "12345678901234567890123", false},
        {202, R"({"provider_id":1e21})", "1e21", false},
        {202, R"({"provider_id":" p1\t\u00a0"})", "p1", false},
        {202, "\xEF\xBB\xBF{\"provider_id\":\"p1\"}", "p1", false},
        {202, "\r\n  {\"provider_id\":\"p1\"} \r\n", "p1", false},
        {202, std::string("{\"provider_id\":\"p1\"}\0", 22), "p1", false},
        {202, "{\"provider_id\":7}\n<!-- 3 ms -->", "7", false},
        {202, R"({"provider_id":"p1","text":"\ud83d"})", "p1", false},
        {202, "{\"provider_id\":1e21,\"text\":\"two\nlines \xff\",}", "1e21", false},
        {202, R"({"x":)" + std::string(100, '[') + std::string(100, ']') + R"(,"provider_id":"p1"})", "p1", false},
        {202, R"({"provider_id":"p1","message_id":" 0192F0C4-7b8a-7c3d-8e1f-0123456789ab "})", "p1", true},
    }));
    CAPTURE(body);
    const auto outcome = exchange(http_answer(status, body)).outcome;
    REQUIRE(std::holds_alternative<Accepted>(outcome));
    CHECK(std::get<Accepted>(outcome).provider_id == id);
    CHECK(std::get<Accepted>(outcome).repeats_our_id == echoed);
}

TEST_CASE("An acceptance without a usable id is one all the same", "[http][provider]") {
    const auto body = GENERATE(values<std::string>({
        "",
        "{}",
        "[]",
        "null",
        "\"p1\"",
        "{\"provider_id\":",
        R"({"provider_id":""})",
        R"({"provider_id":" "})",
        R"({"provider_id":null})",
        R"({"provider_id":true})",
        R"({"provider_id":{"id":7}})",
        R"({"x":{"provider_id":7}})",
        "{\"provider_id\":" + std::string(300, '7') + "}",
        R"({"provider_id":["p1"]})",
        "{\"provider_id\":\"a\\u0000b\"}",
        "{\"provider_id\":\"a\\nb\"}",
        "{\"provider_id\":\"" + std::string(256, 'x') + "\"}",
        "{\"provider_id\":\"\xff\"}",
        std::string(200, '['),
        R"({"Provider_id":"p1"})",
    }));
    CAPTURE(body);
    CHECK(std::holds_alternative<Unidentified>(exchange(http_answer(202, body)).outcome));
}

TEST_CASE("What a refusal says is kept, short, printable and without the number", "[http][provider]") {
    const auto [body, message] = GENERATE(table<std::string, std::string>({
        {R"({"title":"Bad","detail":"no route to +66812345678 or 66812345678"})", "no route to +•••678 or •••678"},
        {R"({"detail":"to (081) 234-5678: \u202eno"})", "to (•••678: no"},
        {R"({"errors":[{"code":7,"message":"opted out"},{"message":"x"}]})", "opted out"},
        {R"({"errors":["opted out"]})", "opted out"},
        {R"({"errors":{"to":"x"},"title":"Bad"})", "Bad"},
        {R"([{"message":"opted out"}])", "opted out"},
        {R"("opted out")", "opted out"},
        {R"({"Message":"opted out"})", "opted out"},
        {R"({"error":{"code":21610}})", "code 21610"},
        {R"({"errorCode":"E7"})", "code E7"},
        {"\xEF\xBB\xBF{\"message\":\"opted out\"}", "opted out"},
        {"{\"message\":\"opted\nout \xe9\"}", "opted out ?"},
        {"Recipient has opted out\r\n", "Recipient has opted out"},
        {"Insufficient balance for 66812345678", "Insufficient balance for •••678"},
        {" <!DOCTYPE html><html>", "the provider does not accept this message"},
        {std::string("\x1f\x8b\0gz", 5), "the provider does not accept this message"},
        {"[]", "the provider does not accept this message"},
        {"", "the provider does not accept this message"},
        {R"({"error":{"message":"blocked"}})", "blocked"},
        {R"({"error":"blocked"})", "blocked"},
        {R"({"message":"two\nlines\u0007"})", "two lines"},
        {R"({"detail":7})", "the provider does not accept this message"},
        {"<html>", "the provider does not accept this message"},
    }));
    const auto outcome = exchange(http_answer(422, body)).outcome;
    REQUIRE(std::holds_alternative<Rejected>(outcome));
    CHECK(std::get<Rejected>(outcome).message == message);
    const auto long_outcome = exchange(http_answer(400, "{\"detail\":\"" + std::string(199, 'x') + "กขค\"}")).outcome;
    CHECK(std::get<Rejected>(long_outcome).message == std::string(199, 'x'));
}

TEST_CASE("An answer beyond what is taken is judged by its head", "[http][provider]") {
    const std::string page(200'000, ' ');
    const auto taken = std::get<Uncertain>(exchange(http_answer(202, page)).outcome);
    CHECK(taken.code == "too_large");
    CHECK(taken.taken);
    CHECK_FALSE(std::get<Uncertain>(exchange(http_answer(502, page)).outcome).taken);
    CHECK(std::holds_alternative<Rejected>(exchange(http_answer(400, page)).outcome));
    CHECK(std::holds_alternative<Disputed>(exchange(http_answer(403, page)).outcome));
    const auto throttled = "HTTP/1.1 429 Slow\r\nRetry-After: 9\r\nContent-Length: 200000\r\n\r\n" + page;
    CHECK(std::get<Throttled>(exchange(throttled).outcome).retry_after == 9s);
}

TEST_CASE("The address for a message's receipts is sealed, where its message was made since", "[http][provider]") {
    const auto made = uuid_time(submission().message.value);
    const auto sealed_since = [](Timestamp since) {
        return [since](Params& params) { params.seal = ReceiptSeal({"secret"}, since); };
    };
    const auto address = "dlr?message_id=" + to_string(submission().message);
    const auto seal = ReceiptSeal({"secret"}, made).of(submission().message);
    const auto sealed = exchange(http_answer(202, "{}"), sealed_since(made));
    CHECK(body_of(sealed.request).find(address + "&sig=" + seal + "\"}") != std::string::npos);
    const auto older = exchange(http_answer(202, "{}"), sealed_since(made + std::chrono::milliseconds(1)));
    CHECK(body_of(older.request).find(address + "\"}") != std::string::npos);
}
