#pragma once

#include "smsbcast/ports/sms_provider.hpp"

#include "support/patience.hpp"

#include <catch2/catch.hpp>

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

/// An adapter of port SmsProvider and a far side for it. One per test case.
class SmsProviderFixture {
public:
    virtual ~SmsProviderFixture() = default;
    virtual void set(FarSide behaviour) = 0;
    virtual const std::vector<SeenSubmission>& seen() const = 0;
    virtual std::string provider_id_of(const MessageId& id) const = 0; ///< under which the far side accepts it
    /// Submits all of them at once and runs until each has its outcome.
    virtual std::vector<SubmitOutcome> submit(std::vector<Submission> submissions, Deadline deadline) = 0;
    /// The same, but gives them up when the far side has seen all of them.
    virtual std::vector<SubmitOutcome> abandon_once_seen(std::vector<Submission> submissions) = 0;
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
        DYNAMIC_SECTION("what is abandoned ends at once, and nothing goes out after it") {
            abandons();
        }
        DYNAMIC_SECTION("it works again once the far side does") {
            recovers();
        }
        DYNAMIC_SECTION("a repetition is the same to the byte, another generation is another submission") {
            repeats();
        }
    }

private:
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
        const auto f = make_();
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
        const auto f = make_();
        f->set(FarSide::accepts);
        const auto submission = make_submission();
        one(*f, submission);
        REQUIRE(f->seen().size() == 1);
        CHECK(f->seen()[0].message_id == to_string(submission.message));
        CHECK(f->seen()[0].phone == submission.phone.text());
        CHECK(f->seen()[0].text == *submission.text);
    }

    void many() {
        const auto f = make_();
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
        const auto f = make_();
        f->set(FarSide::refuses);
        const auto outcome = one(*f, make_submission());
        CHECK_FALSE(as<Rejected>(outcome).code.empty());
        CHECK_FALSE(as<Rejected>(outcome).message.empty());
    }

    void throttles() {
        const auto f = make_();
        f->set(FarSide::throttles);
        CHECK(as<Throttled>(one(*f, make_submission())).retry_after == std::chrono::seconds(7));
    }

    void not_sent() {
        const auto f = make_();
        f->set(FarSide::is_gone);
        CHECK_FALSE(as<NotSent>(one(*f, make_submission())).code.empty());
    }

    void refuses_everybody() {
        const auto f = make_();
        f->set(FarSide::refuses_us);
        CHECK_FALSE(as<Refused>(one(*f, make_submission())).code.empty());
    }

    void uncertain() {
        for (const auto behaviour : {FarSide::fails, FarSide::answers_garbage, FarSide::breaks}) {
            const auto f = make_();
            f->set(behaviour);
            const auto outcome = one(*f, make_submission());
            CHECK_FALSE(as<Uncertain>(outcome).code.empty());
            CHECK(f->seen().size() == 1);
        }
    }

    void deadline() {
        const auto f = make_();
        f->set(FarSide::hangs);
        const auto end = Deadline::after(std::chrono::seconds(1));
        const auto outcome = one(*f, make_submission(), end);
        as<Uncertain>(outcome);
        CHECK(end.passed());
        CHECK(f->seen().size() == 1);
    }

    void too_late() {
        const auto f = make_();
        f->set(FarSide::accepts);
        as<NotSent>(one(*f, make_submission(), Deadline::after(std::chrono::seconds(0))));
        CHECK(f->seen().empty());
    }

    void too_late_to_begin() {
        const auto f = make_();
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

    void abandons() {
        const auto f = make_();
        f->set(FarSide::hangs);
        const auto outcomes = f->abandon_once_seen({make_submission(), make_submission(), make_submission()});
        for (const auto& outcome : outcomes)
            as<Uncertain>(outcome);
        CHECK(f->seen().size() == 3);
        f->set(FarSide::accepts);
        as<NotSent>(one(*f, make_submission()));
        CHECK(f->seen().size() == 3);
    }

    void recovers() {
        const auto f = make_();
        for (const auto behaviour : {FarSide::breaks, FarSide::answers_garbage, FarSide::fails, FarSide::refuses,
                                     FarSide::throttles, FarSide::is_gone}) {
            f->set(behaviour);
            f->submit({make_submission(), make_submission(), make_submission()}, Deadline::after(kPatience));
            f->set(FarSide::accepts);
            as<Accepted>(one(*f, make_submission()));
        }
    }

    void repeats() {
        const auto f = make_();
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
