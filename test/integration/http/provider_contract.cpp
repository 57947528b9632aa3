#include "contract/sms_provider_suite.hpp"
#include "scripted_server.hpp"

#include "smsbcast/adapters/http_provider/http_provider.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <optional>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

namespace json = boost::json;

SeenSubmission read(const std::string& request) {
    const auto head_end = request.find("\r\n\r\n") + 4;
    const auto body = json::parse(request.substr(head_end)).as_object();
    const auto text = [&](const char* name) { return std::string(body.at(name).as_string()); };
    const auto key_at = request.find("Idempotency-Key: ") + 17;
    return {text("message_id"), text("to"), text("body"), request.substr(key_at, request.find("\r\n", key_at) - key_at),
            request};
}

std::string id_for(const std::string& message_id) {
    return "far-" + message_id;
}

std::optional<std::string> answer_of(FarSide behaviour, const SeenSubmission& seen) {
    const auto id = id_for(seen.message_id);
    switch (behaviour) {
    case FarSide::accepts: return http_answer(202, json::serialize(json::object{{"provider_id", id}}));
    case FarSide::accepts_echoing:
        return http_answer(200, json::serialize(json::object{{"provider_id", id}, {"message_id", seen.message_id}}));
    case FarSide::refuses: return http_answer(422, R"({"detail":"no such network"})");
    case FarSide::throttles: return http_answer(429, "", "Retry-After: 7\r\n");
    case FarSide::refuses_us: return http_answer(401, "");
    case FarSide::fails: return http_answer(500, "<html>oops</html>");
    case FarSide::answers_garbage: return "what?\r\n\r\n";
    case FarSide::breaks:
    case FarSide::hangs:
    case FarSide::is_gone: break;
    }
    return std::nullopt;
}

class ScriptedProvider final : public SmsProviderFixture {
public:
    ScriptedProvider() : server_(loop_, {[this](Peer& peer) { return serve(peer, *this); }}) {
        provider_ = make(server_.port());
    }

    ~ScriptedProvider() override {
        provider_.reset();
        gone_.reset();
        server_.stop();
        loop_.run_dry();
        CHECK(loop_.tasks.running() == 0);
    }

    SmsProvider& provider() override { return *provider_; }
    Deadline in(Deadline::Clock::duration budget) const override { return Deadline::after(budget); }

    void run(Awaitable<> work) override {
        loop_.wait<bool>([&] { return finish(std::move(work)); });
    }

    void set(FarSide behaviour) override {
        behaviour_ = behaviour;
        // A port of the loopback that is bound, so that nobody else gets it, and not listened on.
        if (behaviour == FarSide::is_gone) {
            gone_.emplace(loop_.context, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
            gone_provider_ = make(gone_->local_endpoint().port());
            CHECK(loop_.wait<Result<void>>([&] { return gone_provider_->start(in(kPatience)); }));
        }
    }

    const std::vector<SeenSubmission>& seen() const override { return seen_; }
    std::string provider_id_of(const MessageId& id) const override { return id_for(to_string(id)); }

    std::vector<SubmitOutcome> submit(std::vector<Submission> submissions, Deadline deadline) override {
        return submit_and(std::move(submissions), deadline, [] {});
    }

    std::vector<SubmitOutcome> stop_once_seen(std::vector<Submission> submissions,
                                              Deadline::Clock::duration budget) override {
        const auto all = seen_.size() + submissions.size();
        // Its end is beyond what the loop waits for.
        return submit_and(std::move(submissions), Deadline::after(2 * kPatience), [this, all, budget] {
            loop_.run_until([&] { return seen_.size() == all; });
            run(provider_->stop(Deadline::after(budget)));
        });
    }

private:
    std::vector<SubmitOutcome> submit_and(std::vector<Submission> submissions, Deadline deadline,
                                          const std::function<void()>& meanwhile) {
        std::vector<std::optional<SubmitOutcome>> outcomes(submissions.size());
        auto& provider = behaviour_ == FarSide::is_gone ? *gone_provider_ : *provider_;
        for (std::size_t i = 0; i < submissions.size(); ++i)
            loop_.tasks.spawn("submit", [&, i] { return submit_one(provider, submissions[i], deadline, outcomes[i]); });
        meanwhile();
        loop_.run_until([&] { return std::ranges::all_of(outcomes, [](const auto& o) { return o.has_value(); }); });
        std::vector<SubmitOutcome> out;
        for (auto& outcome : outcomes)
            out.push_back(std::move(*outcome));
        return out;
    }

    std::unique_ptr<SmsProvider> make(std::uint16_t port) {
        return adapters::http_provider::make_http_provider(
            loop_.context, {.base_url = "http://127.0.0.1:" + std::to_string(port) + "/gateway/",
                            .webhook_url = "http://localhost:8081/dlr",
                            .connections = 8});
    }

    static Awaitable<bool> finish(Awaitable<> work) {
        co_await std::move(work);
        co_return true;
    }

    static Awaitable<> submit_one(SmsProvider& provider, Submission submission, Deadline deadline,
                                  std::optional<SubmitOutcome>& into) {
        into = co_await provider.submit(std::move(submission), deadline);
    }

    static Awaitable<> serve(Peer& peer, ScriptedProvider& self) {
        for (;;) {
            const auto request = co_await peer.read_request();
            if (request.empty())
                co_return;
            self.seen_.push_back(read(request));
            const auto answer = answer_of(self.behaviour_, self.seen_.back());
            if (answer)
                co_await peer.write(*answer);
            else if (self.behaviour_ == FarSide::breaks)
                co_return peer.close();
        }
    }

    HttpLoop loop_;
    FarSide behaviour_ = FarSide::accepts;
    std::vector<SeenSubmission> seen_;
    ScriptedServer server_;
    std::optional<asio::ip::tcp::socket> gone_;
    std::unique_ptr<SmsProvider> provider_;
    std::unique_ptr<SmsProvider> gone_provider_;
};

} // namespace

TEST_CASE("The HTTP provider keeps the contract of its port", "[http][provider][contract]") {
    exercise_sms_provider([] { return std::make_unique<ScriptedProvider>(); });
}
