#pragma once

#include "smsbcast/ports/sms_provider.hpp"
#include "support/app_script.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>

namespace smsbcast::test {

/// What a fake provider says of itself. It holds `kMaxUnconfirmed` events at most.
class FakeEvents : public ProviderEvents {
public:
    static constexpr std::size_t kMaxUnconfirmed = 4;

    explicit FakeEvents(ManualClock& clock) : clock_(clock), changed_(clock.make_signal()) {}

    /// False, and nothing said, while too many are not confirmed.
    bool say(ProviderEvent event) {
        if (stopped_ || unconfirmed_.size() >= kMaxUnconfirmed)
            return false;
        unconfirmed_.push_back(std::move(event));
        changed_->notify_all();
        return true;
    }

    void stop() {
        stopped_ = true;
        changed_->notify_all();
    }

    asio::awaitable<std::vector<ProviderEvent>> receive(std::size_t most, Deadline deadline) override {
        while (!stopped_ && received_ == unconfirmed_.size() && clock_.now() < deadline.at())
            co_await changed_->wait(deadline);
        std::vector<ProviderEvent> events;
        while (!stopped_ && events.size() < most && received_ < unconfirmed_.size())
            events.push_back(unconfirmed_[received_++]);
        co_return events;
    }

    void confirm(std::size_t count) override {
        REQUIRE(count <= received_);
        received_ -= count;
        unconfirmed_.erase(unconfirmed_.begin(), unconfirmed_.begin() + static_cast<std::ptrdiff_t>(count));
    }

private:
    ManualClock& clock_;
    std::unique_ptr<Signal> changed_;
    std::deque<ProviderEvent> unconfirmed_;
    std::size_t received_ = 0; ///< of them
    bool stopped_ = false;
};

/// Answers what `outcome` says, `latency` later, or `unknown` at the deadline.
class FakeProvider : public SmsProvider {
public:
    explicit FakeProvider(asio::io_context& io, ManualClock& clock)
        : said(clock), io_(io), clock_(clock), never_(clock.make_signal()), idle_(clock.make_signal()) {}

    const std::string& name() const override { return called; }

    ProviderState state() const override { return started && !stopped ? ProviderState::up : ProviderState::down; }

    asio::awaitable<Result<void>> start(Deadline) override {
        started = true;
        co_return Result<void>();
    }

    asio::awaitable<void> stop(Deadline deadline) override {
        stopped = true;
        said.stop();
        while (in_flight > 0 && clock_.now() < deadline.at())
            co_await idle_->wait(deadline);
        given_up = true;
        never_->notify_all();
        while (in_flight > 0)
            co_await idle_->wait(clock_.in(std::chrono::seconds(1)));
    }

    asio::awaitable<SubmitOutcome> submit(Submission submission, Deadline deadline) override {
        if (state() != ProviderState::up)
            co_return NotSent{"closed", "stopped", false};
        CHECK(deadline.at() >= clock_.now());
        ++submitted[submission.message];
        order.push_back(submission.message);
        last_deadline = deadline.at();
        if (on_submit)
            on_submit(submission);
        const SubmitOutcome planned = outcome ? outcome(submission.message) : SubmitOutcome(Accepted{"id", true});
        most_in_flight = std::max(most_in_flight, ++in_flight);
        if (latency.count() > 0)
            co_await never_->wait(earlier(deadline, clock_.in(latency)));
        else
            co_await asio::post(io_, asio::use_awaitable);
        if (--in_flight == 0)
            idle_->notify_all();
        const bool in_time = latency.count() == 0 || (clock_.now() < deadline.at() && !given_up);
        co_return in_time ? planned : SubmitOutcome(Uncertain{"timeout", "no answer"});
    }

    ProviderEvents* events() override { return &said; }

    FakeEvents said;
    std::string called = "default";
    std::map<MessageId, int> submitted;
    std::vector<MessageId> order;
    std::function<SubmitOutcome(const MessageId&)> outcome;
    std::function<void(const Submission&)> on_submit;
    std::chrono::milliseconds latency{0};
    TimePoint last_deadline{};
    bool started = false;
    bool stopped = false;
    bool given_up = false; ///< what was under way when the stop had no more time
    int in_flight = 0;
    int most_in_flight = 0;

private:
    asio::io_context& io_;
    ManualClock& clock_;
    std::unique_ptr<Signal> never_;
    std::unique_ptr<Signal> idle_;
};

} // namespace smsbcast::test
