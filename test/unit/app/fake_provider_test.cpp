#include "contract/sms_provider_suite.hpp"
#include "support/app_fake_provider.hpp"

// The provider that the tests of workers use is one by its contract, too.

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

class FakeProviderFixture final : public SmsProviderFixture {
public:
    FakeProviderFixture() {
        provider_.on_submit = [this](const Submission& submission) {
            const auto id = to_string(submission.message);
            seen_.push_back({id, submission.phone.text(), *submission.text, id, *submission.text});
        };
        provider_.outcome = [this](const MessageId& id) { return SubmitOutcome(Accepted{provider_id_of(id), false}); };
    }

    SmsProvider& provider() override { return provider_; }
    Deadline in(Deadline::Clock::duration budget) const override { return loop_.clock.in(budget); }

    void run(asio::awaitable<void> work) override {
        loop_.spawn(std::move(work));
        REQUIRE(loop_.run_dry());
    }

    void set(FarSide behaviour) override {
        provider_.latency = behaviour == FarSide::hangs ? std::chrono::hours(1) : std::chrono::milliseconds(10);
    }

    const std::vector<SeenSubmission>& seen() const override { return seen_; }
    std::string provider_id_of(const MessageId& id) const override { return "far-" + to_string(id); }

    std::vector<SubmitOutcome> submit(std::vector<Submission> submissions, Deadline deadline) override {
        std::vector<SubmitOutcome> outcomes(submissions.size());
        for (std::size_t i = 0; i < submissions.size(); ++i)
            loop_.spawn(submit_one(provider_, submissions[i], deadline, outcomes[i]));
        REQUIRE(loop_.run_dry());
        return outcomes;
    }

    std::vector<SubmitOutcome> stop_once_seen(std::vector<Submission> submissions,
                                              Deadline::Clock::duration budget) override {
        std::vector<SubmitOutcome> outcomes(submissions.size());
        for (std::size_t i = 0; i < submissions.size(); ++i)
            loop_.spawn(submit_one(provider_, submissions[i], in(std::chrono::hours(1)), outcomes[i]));
        loop_.settle();
        run(provider_.stop(in(budget)));
        return outcomes;
    }

    bool say(ProviderEvent event) override { return provider_.said.say(std::move(event)); }

private:
    static asio::awaitable<void> submit_one(SmsProvider& provider, Submission submission, Deadline deadline,
                                            SubmitOutcome& into) {
        into = co_await provider.submit(std::move(submission), deadline);
    }

    Loop loop_;
    FakeProvider provider_{loop_.io, loop_.clock};
    std::vector<SeenSubmission> seen_;
};

} // namespace

TEST_CASE("The fake provider starts, stops and tells events by the contract of its port", "[app][contract]") {
    SmsProviderSuite([] { return std::make_unique<FakeProviderFixture>(); }).run_lifecycle();
}
