#pragma once

#include "smsbcast/ports/sms_provider.hpp"
#include "support/app_script.hpp"

#include <functional>
#include <map>

namespace smsbcast::test {

/// Answers what `outcome` says, `latency` later, or `unknown` at the deadline.
class FakeProvider : public SmsProvider {
public:
    explicit FakeProvider(asio::io_context& io, ManualClock& clock)
        : io_(io), clock_(clock), never_(clock.make_signal()) {}

    asio::awaitable<SubmitOutcome> submit(Submission submission, Deadline deadline) override {
        CHECK(deadline.at() >= clock_.now());
        ++submitted[submission.message];
        order.push_back(submission.message);
        last_deadline = deadline.at();
        if (on_submit)
            on_submit(submission);
        if (abandoned)
            co_return NotSent{"closed", "abandoned"};
        const SubmitOutcome planned = outcome ? outcome(submission.message) : SubmitOutcome(Accepted{"id", true});
        most_in_flight = std::max(most_in_flight, ++in_flight);
        if (latency.count() > 0)
            co_await never_->wait(earlier(deadline, clock_.in(latency)));
        else
            co_await asio::post(io_, asio::use_awaitable);
        --in_flight;
        const bool in_time = latency.count() == 0 || (clock_.now() < deadline.at() && !abandoned);
        co_return in_time ? planned : SubmitOutcome(Uncertain{"timeout", "no answer"});
    }

    void abandon() override {
        abandoned = true;
        never_->notify_all();
    }

    std::map<MessageId, int> submitted;
    std::vector<MessageId> order;
    std::function<SubmitOutcome(const MessageId&)> outcome;
    std::function<void(const Submission&)> on_submit;
    std::chrono::milliseconds latency{0};
    TimePoint last_deadline{};
    bool abandoned = false;
    int in_flight = 0;
    int most_in_flight = 0;

private:
    asio::io_context& io_;
    ManualClock& clock_;
    std::unique_ptr<Signal> never_;
};

} // namespace smsbcast::test
