#pragma once

#include "smsbcast/ports/sms_provider.hpp"

#include "support/patience.hpp"

#include <catch2/catch.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace smsbcast::test {

/// What the far side does with the next submissions.
enum class FarSide {
    accepts,         ///< under an id of its own
    accepts_echoing, ///< and repeats our message id
    refuses,         ///< for good
    throttles,       ///< and says: in 7 seconds
    refuses_us,      ///< our credentials are wrong
    fails,           ///< says that something went wrong inside
    answers_garbage, ///< reads the submission, then says what nobody understands
    breaks,          ///< reads the submission, then ends the connection
    hangs,           ///< reads the submission, then says nothing
    is_gone,         ///< nobody listens
};

/// A submission as the far side saw it.
struct SeenSubmission {
    std::string message_id;
    std::string phone;
    std::string text;
    std::string identity; ///< what tells a repetition from another submission
    std::string bytes;    ///< all of it
};

/// An adapter of port SmsProvider, not started, and a far side for it. One per test case.
class SmsProviderFixture {
public:
    virtual ~SmsProviderFixture() = default;
    virtual SmsProvider& provider() = 0;
    virtual Deadline in(Deadline::Clock::duration budget) const = 0; ///< on the adapter's clock
    virtual void run(boost::asio::awaitable<void> work) = 0;         ///< to its end
    virtual void set(FarSide behaviour) = 0;
    virtual const std::vector<SeenSubmission>& seen() const = 0;
    virtual std::string provider_id_of(const MessageId& id) const = 0; ///< under which the far side accepts it
    /// Submits all of them at once and runs until each has its outcome.
    virtual std::vector<SubmitOutcome> submit(std::vector<Submission> submissions, Deadline deadline) = 0;
    /// The same, and stops the provider when the far side has seen all of them, with the deadline that then is so far.
    virtual std::vector<SubmitOutcome> stop_once_seen(std::vector<Submission> submissions,
                                                      Deadline::Clock::duration budget) = 0;
    /// The far side says something of itself; false while it is made to wait. Of a provider that has events.
    virtual bool say(ProviderEvent) { return false; }
};

inline Submission make_submission(std::string text = "Hello \"you\" \\ — สวัสดี\n\t\x01!") {
    static std::uint64_t digits = 66812345000;
    return {MessageId{new_uuid()}, PhoneNumber::from_digits(digits++),
            std::make_shared<const std::string>(std::move(text)), 0};
}

/// What every adapter of port SmsProvider keeps to.
class SmsProviderSuite {
public:
    using Make = std::function<std::unique_ptr<SmsProviderFixture>()>;

    explicit SmsProviderSuite(Make make) : make_(std::move(make)) {}

    void run() {
        run_submissions();
        run_lifecycle();
    }

    /// What start(), stop() and events() promise.
    void run_lifecycle() {
        DYNAMIC_SECTION("it has a name and is up between start and stop") {
            starts_and_stops();
        }
        DYNAMIC_SECTION("a stop before the start is one") {
            stops_before_start();
        }
        DYNAMIC_SECTION("a stop lets end what is under way") {
            stops_in_time();
        }
        DYNAMIC_SECTION("a stop gives up at its deadline what is under way, and nothing goes out after it") {
            gives_up();
        }
        DYNAMIC_SECTION("events come in order, again and again until they are confirmed, and are bounded") {
            tells_events();
        }
    }

private:
    void run_submissions() {
        DYNAMIC_SECTION("an acceptance carries the provider's id") {
            accepts();
        }
        DYNAMIC_SECTION("what is submitted arrives as it is") {
            arrives();
        }
        DYNAMIC_SECTION("many at once: each has its own outcome") {
            many();
        }
        DYNAMIC_SECTION("a refusal is final and has a code") {
            refuses();
        }
        DYNAMIC_SECTION("throttling is told, with its wait") {
            throttles();
        }
        DYNAMIC_SECTION("what certainly was not taken is not sent") {
            not_sent();
        }
        DYNAMIC_SECTION("what may have been taken is uncertain, and is not repeated") {
            uncertain();
        }
        DYNAMIC_SECTION("nobody waits beyond the deadline") {
            deadline();
        }
        DYNAMIC_SECTION("a deadline that has passed: nothing is sent") {
            too_late();
        }
        DYNAMIC_SECTION("what every message would meet is told apart") {
            refuses_everybody();
        }
        DYNAMIC_SECTION("what was too late to begin was not tried") {
            too_late_to_begin();
        }
        DYNAMIC_SECTION("it works again once the far side does") {
            recovers();
        }
        DYNAMIC_SECTION("a repetition is the same to the byte, another generation is another submission") {
            repeats();
        }
    }

    static boost::asio::awaitable<void> start(SmsProvider& provider, Deadline deadline, bool& started) {
        const Result<void> result = co_await provider.start(deadline);
        started = result.has_value();
    }

    static boost::asio::awaitable<void> receive(ProviderEvents& events, std::size_t most, Deadline deadline,
                                                std::vector<ProviderEvent>& into) {
        into = co_await events.receive(most, deadline);
    }

    std::unique_ptr<SmsProviderFixture> make_started() {
        auto f = make_();
        bool started = false;
        f->run(start(f->provider(), f->in(kPatience), started));
        REQUIRE(started);
        return f;
    }

    template <class Outcome>
    static const Outcome& as(const SubmitOutcome& outcome) {
        CAPTURE(outcome_class(outcome));
        REQUIRE(std::holds_alternative<Outcome>(outcome));
        return std::get<Outcome>(outcome);
    }

    static SubmitOutcome one(SmsProviderFixture& f, Submission submission,
                             Deadline deadline = Deadline::after(kPatience)) {
        return f.submit({std::move(submission)}, deadline).at(0);
    }

    void accepts() {
        const auto f = make_started();
        for (const bool echoes : {false, true}) {
            f->set(echoes ? FarSide::accepts_echoing : FarSide::accepts);
            const auto submission = make_submission();
            const auto outcome = one(*f, submission);
            const auto& accepted = as<Accepted>(outcome);
            CHECK(accepted.provider_id == f->provider_id_of(submission.message));
            CHECK(accepted.repeats_our_id == echoes);
        }
    }

    void arrives() {
        const auto f = make_started();
        f->set(FarSide::accepts);
        const auto submission = make_submission();
        one(*f, submission);
        REQUIRE(f->seen().size() == 1);
        CHECK(f->seen()[0].message_id == to_string(submission.message));
        CHECK(f->seen()[0].phone == submission.phone.text());
        CHECK(f->seen()[0].text == *submission.text);
    }

    void many() {
        const auto f = make_started();
        f->set(FarSide::accepts);
        std::vector<Submission> submissions;
        for (int i = 0; i < 500; ++i)
            submissions.push_back(make_submission("text " + std::to_string(i % 40)));
        const auto outcomes = f->submit(submissions, Deadline::after(kPatience));
        REQUIRE(outcomes.size() == submissions.size());
        for (std::size_t i = 0; i < outcomes.size(); ++i)
            CHECK(as<Accepted>(outcomes[i]).provider_id == f->provider_id_of(submissions[i].message));
        CHECK(f->seen().size() == submissions.size());
    }

    void refuses() {
        const auto f = make_started();
        f->set(FarSide::refuses);
        const auto outcome = one(*f, make_submission());
        CHECK_FALSE(as<Rejected>(outcome).code.empty());
        CHECK_FALSE(as<Rejected>(outcome).message.empty());
    }

    void throttles() {
        const auto f = make_started();
        f->set(FarSide::throttles);
        CHECK(as<Throttled>(one(*f, make_submission())).retry_after == std::chrono::seconds(7));
    }

    void not_sent() {
        const auto f = make_started();
        f->set(FarSide::is_gone);
        CHECK_FALSE(as<NotSent>(one(*f, make_submission())).code.empty());
    }

    void refuses_everybody() {
        const auto f = make_started();
        f->set(FarSide::refuses_us);
        CHECK_FALSE(as<Refused>(one(*f, make_submission())).code.empty());
    }

    void uncertain() {
        for (const auto behaviour : {FarSide::fails, FarSide::answers_garbage, FarSide::breaks}) {
            const auto f = make_started();
            f->set(behaviour);
            const auto outcome = one(*f, make_submission());
            CHECK_FALSE(as<Uncertain>(outcome).code.empty());
            CHECK(f->seen().size() == 1);
        }
    }

    void deadline() {
        const auto f = make_started();
        f->set(FarSide::hangs);
        const auto end = Deadline::after(std::chrono::seconds(1));
        const auto outcome = one(*f, make_submission(), end);
        as<Uncertain>(outcome);
        CHECK(end.passed());
        CHECK(f->seen().size() == 1);
    }

    void too_late() {
        const auto f = make_started();
        f->set(FarSide::accepts);
        as<NotSent>(one(*f, make_submission(), Deadline::after(std::chrono::seconds(0))));
        CHECK(f->seen().empty());
    }

    void too_late_to_begin() {
        const auto f = make_started();
        f->set(FarSide::accepts);
        auto submission = make_submission();
        submission.start_before = Deadline::after(std::chrono::seconds(0));
        const auto outcome = one(*f, submission);
        CHECK_FALSE(as<NotSent>(outcome).code.empty());
        CHECK_FALSE(as<NotSent>(outcome).tried);
        CHECK(f->seen().empty());
        submission.start_before = Deadline::after(kPatience);
        as<Accepted>(one(*f, submission));
    }

    void starts_and_stops() {
        const auto f = make_();
        f->set(FarSide::accepts);
        CHECK_FALSE(f->provider().name().empty());
        CHECK(f->provider().state() == ProviderState::down);
        as<NotSent>(one(*f, make_submission(), f->in(kPatience)));
        bool started = false;
        f->run(start(f->provider(), f->in(kPatience), started));
        CHECK(started);
        CHECK(f->provider().state() == ProviderState::up);
        as<Accepted>(one(*f, make_submission(), f->in(kPatience)));
        for (int times = 0; times < 2; ++times) {
            f->run(f->provider().stop(f->in(kPatience)));
            CHECK(f->provider().state() == ProviderState::down);
        }
        const auto outcome = one(*f, make_submission(), f->in(kPatience));
        CHECK_FALSE(as<NotSent>(outcome).tried);
        CHECK(f->seen().size() == 1);
    }

    void stops_before_start() {
        const auto f = make_();
        f->set(FarSide::accepts);
        f->run(f->provider().stop(f->in(kPatience)));
        bool started = false;
        f->run(start(f->provider(), f->in(kPatience), started));
        CHECK(f->provider().state() == ProviderState::down);
        as<NotSent>(one(*f, make_submission(), f->in(kPatience)));
        CHECK(f->seen().empty());
    }

    void stops_in_time() {
        const auto f = make_started();
        f->set(FarSide::accepts);
        const auto outcomes = f->stop_once_seen({make_submission(), make_submission(), make_submission()}, kPatience);
        for (const auto& outcome : outcomes)
            as<Accepted>(outcome);
    }

    void gives_up() {
        const auto f = make_started();
        f->set(FarSide::hangs);
        const auto outcomes = f->stop_once_seen({make_submission(), make_submission(), make_submission()}, {});
        for (const auto& outcome : outcomes)
            as<Uncertain>(outcome);
        CHECK(f->seen().size() == 3);
        f->set(FarSide::accepts);
        as<NotSent>(one(*f, make_submission(), f->in(kPatience)));
        CHECK(f->seen().size() == 3);
    }

    void tells_events() {
        const auto f = make_started();
        ProviderEvents* const events = f->provider().events();
        if (!events)
            return;
        const auto take = [&](std::size_t most, Deadline::Clock::duration budget) {
            std::vector<ProviderEvent> taken;
            f->run(receive(*events, most, f->in(budget), taken));
            return taken;
        };
        CHECK(take(10, std::chrono::milliseconds(10)).empty());
        std::size_t said = 0;
        while (said < 100'000 && f->say(Receipt{std::nullopt, "p-" + std::to_string(said), true, std::nullopt}))
            ++said;
        REQUIRE(said >= 2);
        REQUIRE(said < 100'000);
        const auto first = take(1, kPatience);
        REQUIRE(first.size() == 1);
        CHECK(std::get<Receipt>(first[0]).provider_id == "p-0");
        const auto rest = take(said, kPatience);
        REQUIRE(rest.size() == said - 1);
        CHECK(std::get<Receipt>(rest[0]).provider_id == "p-1");
        CHECK_FALSE(f->say(InboundMessage{"+66812345678", "12345", "STOP"}));
        events->confirm(1);
        CHECK(f->say(InboundMessage{"+66812345678", "12345", "STOP"}));
        const auto last = take(10, kPatience);
        REQUIRE(last.size() == 1);
        CHECK(std::get<InboundMessage>(last[0]).text == "STOP");
        f->run(f->provider().stop(f->in(kPatience)));
        CHECK(take(10, kPatience).empty());
    }

    void recovers() {
        const auto f = make_started();
        for (const auto behaviour : {FarSide::breaks, FarSide::answers_garbage, FarSide::fails, FarSide::refuses,
                                     FarSide::throttles, FarSide::is_gone}) {
            f->set(behaviour);
            f->submit({make_submission(), make_submission(), make_submission()}, Deadline::after(kPatience));
            f->set(FarSide::accepts);
            as<Accepted>(one(*f, make_submission()));
        }
    }

    void repeats() {
        const auto f = make_started();
        f->set(FarSide::fails);
        auto submission = make_submission();
        one(*f, submission);
        // The worker reads the text again for every attempt: the same text, at another address.
        submission.text = std::make_shared<const std::string>(*submission.text);
        one(*f, submission);
        submission.key_generation = 1;
        one(*f, submission);
        REQUIRE(f->seen().size() == 3);
        CHECK(f->seen()[0].bytes == f->seen()[1].bytes);
        CHECK(f->seen()[0].identity == f->seen()[1].identity);
        CHECK(f->seen()[0].identity != f->seen()[2].identity);
        CHECK_FALSE(f->seen()[0].identity.empty());
    }

    Make make_;
};

inline void exercise_sms_provider(SmsProviderSuite::Make make) {
    SmsProviderSuite(std::move(make)).run();
}

} // namespace smsbcast::test
