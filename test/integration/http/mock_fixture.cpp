#include "mock_fixture.hpp"

#include <fmt/format.h>

namespace smsbcast::test {

namespace json = boost::json;

MockFixture::MockFixture(mock::MockOptions options, const std::string& webhook)
    : webhook_(loop, {[this](Peer& peer) { return serve_webhook(peer, *this); }}),
      mock_(loop.context, with_webhook(std::move(options), webhook)), server_(loop.context, {}, mock_.routes()) {
    REQUIRE(server_.listen("127.0.0.1", 0));
    client_.emplace(loop.context, http::ClientOptions{.host = "127.0.0.1", .port = server_.port()});
    loop.tasks.spawn("mock", [this] { return mock_.run(); });
}

mock::MockOptions MockFixture::with_webhook(mock::MockOptions options, const std::string& target) const {
    if (!target.empty())
        options.webhook_url = fmt::format("http://127.0.0.1:{}{}", webhook_.port(), target);
    return options;
}

MockFixture::~MockFixture() {
    if (!stopped_)
        stop();
    webhook_.stop();
    loop.run_dry();
    CHECK(loop.tasks.running() == 0);
}

void MockFixture::stop() {
    stopped_ = true;
    const auto run = [](MockFixture& self) -> Awaitable<bool> {
        // Less than any wait that a test has it stop in.
        const auto deadline = Deadline::after(std::chrono::seconds(45));
        co_await self.mock_.stop(deadline);
        self.client_->close();
        co_await self.server_.stop(deadline, deadline);
        co_return !deadline.passed();
    };
    CHECK(loop.wait<bool>([&] { return run(*this); }));
}

Awaitable<> MockFixture::serve_webhook(Peer& peer, MockFixture& self) {
    for (;;) {
        const auto request = co_await peer.read_request();
        if (request.empty())
            co_return;
        const auto body = json::parse(request.substr(request.find("\r\n\r\n") + 4));
        self.receipts.push_back({request.substr(5, request.find(" HTTP/") - 5), body.as_object()});
        const auto number = self.receipts.size() - 1;
        while (self.webhook_waits)
            co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        const int status = number < self.webhook_answers.size() ? self.webhook_answers[number] : 204;
        const auto answer = http_answer(status, "");
        co_await peer.write(answer);
    }
}

http::ClientExchange MockFixture::exchange(std::string method, std::string target, std::string body, std::string key,
                                           std::chrono::milliseconds budget) {
    const http::Header header{"Idempotency-Key", key};
    const http::ClientRequest request{.method = method,
                                      .target = target,
                                      .headers = {&header, key.empty() ? 0U : 1U},
                                      .content_type = body.empty() ? "" : "application/json",
                                      .body = body};
    const auto deadline = Deadline::after(budget);
    return loop.wait<http::ClientExchange>([&] { return client_->exchange(request, deadline); });
}

http::ClientResponse MockFixture::ask(std::string method, std::string target, std::string body, std::string key) {
    const auto exchanged = exchange(std::move(method), std::move(target), std::move(body), std::move(key));
    if (const auto* error = std::get_if<http::ClientError>(&exchanged.result))
        FAIL("no answer: " << error->code);
    return std::get<http::ClientResponse>(exchanged.result);
}

json::object MockFixture::ask_json(std::string method, std::string target, std::string body, int status) {
    const auto response = ask(std::move(method), std::move(target), std::move(body));
    CAPTURE(response.body);
    CHECK(response.status == status);
    return json::parse(response.body).as_object();
}

std::string MockFixture::send_body(const std::string& id, const std::string& text) const {
    return json::serialize(
        json::object{{"message_id", id},
                     {"to", "+66812345678"},
                     {"body", text},
                     {"dlr_webhook_url", fmt::format("http://127.0.0.1:{}/dlr?message_id={}", webhook_.port(), id)}});
}

http::ClientResponse MockFixture::send(const std::string& id, const std::string& key) {
    return ask("POST", "/send", send_body(id), key);
}

http::ClientError MockFixture::send_in_vain(const std::string& id, const std::string& key,
                                            std::chrono::milliseconds budget) {
    const auto exchanged = exchange("POST", "/send", send_body(id), key, budget);
    REQUIRE(std::holds_alternative<http::ClientError>(exchanged.result));
    return std::get<http::ClientError>(exchanged.result);
}

std::int64_t MockFixture::stat(const std::string& name) {
    return ask_json("GET", "/_mock/stats").at(name).as_int64();
}

json::object MockFixture::row(const std::string& id) {
    const auto page = ask_json("GET", "/_mock/ledger?message_id=" + id);
    const auto& data = page.at("data").as_array();
    REQUIRE(data.size() == 1);
    return data[0].as_object();
}

void MockFixture::wait_for_receipts(std::size_t count) {
    loop.run_until([&] { return receipts.size() >= count; });
}

} // namespace smsbcast::test
