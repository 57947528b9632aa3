#pragma once

#include "scripted_server.hpp"

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/http/client.hpp"
#include "smsbcast/http/server.hpp"
#include "smsbcast/mock/mock_provider.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace smsbcast::test {

/// A receipt as the webhook saw it.
struct SeenReceipt {
    std::string target;
    boost::json::object body;
};

/// A mock behind its server, a client of it, and a webhook that takes receipts.
class MockFixture {
public:
    /// `webhook`: the target at the webhook for messages that come without one; empty: none.
    explicit MockFixture(mock::MockOptions options = {}, const std::string& webhook = {});
    ~MockFixture();

    HttpLoop loop;
    std::vector<SeenReceipt> receipts;
    /// What the webhook answers: to the first receipts these, to all others 204.
    std::vector<int> webhook_answers;
    /// As long as it is set, the webhook does not answer.
    bool webhook_waits = false;

    http::ClientExchange exchange(std::string method, std::string target, std::string body = {}, std::string key = {},
                                  std::chrono::milliseconds budget = kPatience);
    /// The answer, which must be one.
    http::ClientResponse ask(std::string method, std::string target, std::string body = {}, std::string key = {});
    boost::json::object ask_json(std::string method, std::string target, std::string body = {}, int status = 200);

    /// A submission of `id`, under `key`, of which the webhook is told.
    std::string send_body(const std::string& id, const std::string& text = "Hi") const;
    http::ClientResponse send(const std::string& id, const std::string& key);
    http::ClientError send_in_vain(const std::string& id, const std::string& key,
                                   std::chrono::milliseconds budget = kPatience);

    void set_faults(const std::string& body) { ask_json("POST", "/_mock/faults", body); }
    std::int64_t stat(const std::string& name);
    boost::json::object row(const std::string& id);
    void wait_for_receipts(std::size_t count);
    std::uint16_t port() const { return server_.port(); }

    /// Ends the mock, then its server.
    void stop();

private:
    mock::MockOptions with_webhook(mock::MockOptions options, const std::string& target) const;
    static Awaitable<> serve_webhook(Peer& peer, MockFixture& self);

    ScriptedServer webhook_;
    mock::MockProvider mock_;
    http::Server server_;
    std::optional<http::Client> client_;
    bool stopped_ = false;
};

inline std::string fresh_id() {
    return to_string(new_uuid());
}

} // namespace smsbcast::test
