#include "smsbcast/app/provider_lane.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace std::chrono_literals;
using app::Circuit;
using app::ProviderLane;
using Time = ProviderLane::TimePoint;

namespace {

/// A lane asks its provider for nothing; it only says which one it is.
class SilentProvider : public SmsProvider {
public:
    const std::string& name() const override { return name_; }
    ProviderState state() const override { return ProviderState::up; }
    boost::asio::awaitable<Result<void>> start(Deadline) override { return {}; }
    boost::asio::awaitable<void> stop(Deadline) override { return {}; }
    boost::asio::awaitable<SubmitOutcome> submit(Submission, Deadline) override { return {}; }

private:
    std::string name_ = "silent";
};

/// A lane in simulated time.
struct Rig {
    SilentProvider provider;
    app::LaneOptions options = default_options();
    ProviderLane lane{provider, options, [] { return 0.0; }};
    Time now = Time{} + 1h;
    MessageId last{};

    static app::LaneOptions default_options() {
        app::LaneOptions options;
        options.window = {.least = 100, .most = 100};
        return options;
    }

    bool open() { return lane.opens_at(now) <= now; }

    app::SendItem item(bool refused_before = false) {
        app::SendItem item{};
        item.ticket.id = TicketId{new_uuid()};
        item.message.id = last = MessageId{new_uuid()};
        item.message.refused_before = refused_before;
        return item;
    }

    app::LaneSubmission begin(int weight = 1) {
        REQUIRE(open());
        return lane.begin(item(), weight, now);
    }

    app::LaneNews submit(SubmitOutcome outcome) { return lane.end(begin(), std::move(outcome), now += 1ms); }

    /// As many failures as open the circuit.
    app::LaneNews fail() {
        app::LaneNews news;
        for (int i = 0; i < 100 && !news.opened; ++i)
            news = submit(NotSent{"connect_refused", "nobody listens"});
        return news;
    }
};

const Verdict& verdict(const app::LaneNews& news) {
    REQUIRE(news.concluded.size() == 1);
    return news.concluded[0].result.verdict;
}

} // namespace

TEST_CASE("lane: an acceptance is a result with the provider's id", "[app][lane]") {
    Rig rig;
    const bool repeats = GENERATE(true, false);
    const auto news = rig.submit(Accepted{"p-1", repeats, {"p-2"}});
    CHECK(verdict(news).step == NextStep::sent);
    const auto& result = news.concluded[0].result;
    CHECK(result.message == rig.last);
    CHECK(result.ticket == news.concluded[0].item.ticket);
    CHECK(result.provider_id == "p-1");
    CHECK(result.provider == rig.provider.name());
    CHECK(result.references == (repeats ? std::vector<std::string>{} : std::vector<std::string>{"p-1", "p-2"}));
    CHECK_FALSE(news.opened);
    CHECK_FALSE(news.closed);
    CHECK(rig.lane.view(rig.now).in_flight == 0);
}

TEST_CASE("lane: no more messages are on their way than the window holds", "[app][lane]") {
    Rig rig;
    std::vector<app::LaneSubmission> begun;
    for (int i = 0; i < 100; ++i) {
        CHECK(rig.lane.room() == 100U - begun.size());
        begun.push_back(rig.begin());
    }
    CHECK(rig.lane.room() == 0);
    CHECK(rig.lane.opens_at(rig.now) == Time::max());
    rig.lane.end(std::move(begun.back()), Accepted{"p", true}, rig.now);
    CHECK(rig.open());
    CHECK(rig.lane.room() == 1);
}

TEST_CASE("lane: an open circuit lets nothing out and nothing in, then one probe", "[app][lane]") {
    Rig rig;
    const auto news = rig.fail();
    REQUIRE(news.opened);
    CHECK(rig.lane.circuit() == Circuit::open);
    CHECK(rig.lane.view(rig.now).trouble->code == "connect_refused");
    CHECK_FALSE(rig.open());
    CHECK_FALSE(rig.lane.may_take(rig.now));
    rig.now = rig.lane.may_take_at();
    CHECK(rig.lane.may_take(rig.now));
    CHECK(rig.lane.circuit() == Circuit::half_open);

    auto probe = rig.begin();
    CHECK_FALSE(rig.open());
    SECTION("that is answered: messages go out again") {
        const auto closed = rig.lane.end(std::move(probe), Accepted{"p", true}, rig.now);
        CHECK(closed.closed);
        CHECK_FALSE(rig.lane.view(rig.now).trouble);
        CHECK(rig.open());
    }
    SECTION("that fails: none does, and what certainly was not taken costs its message no attempt") {
        const auto opened = rig.lane.end(std::move(probe), NotSent{"connect_refused", ""}, rig.now);
        CHECK(opened.opened);
        CHECK(verdict(opened).step == NextStep::retry);
        CHECK(verdict(opened).attempts == 0);
        CHECK_FALSE(rig.lane.may_take(rig.now));
    }
}

TEST_CASE("lane: a refusal of the account opens the circuit at once", "[app][lane]") {
    Rig rig;
    const auto news = rig.submit(Refused{"http_402", "no credit"});
    CHECK(news.opened);
    CHECK(rig.lane.view(rig.now).trouble->refused);
    CHECK_FALSE(rig.lane.view(rig.now).trouble->disputed);
    CHECK(verdict(news).attempts == 0);
}

TEST_CASE("lane: a disputed refusal waits until others tell whose fault it is", "[app][lane]") {
    Rig rig;
    REQUIRE(rig.submit(Disputed{"http_404", "", false}).concluded.empty());
    const MessageId refused = rig.last;
    CHECK(rig.lane.view(rig.now).in_flight == 0);
    SECTION("another one is accepted: its own") {
        const auto news = rig.submit(Accepted{"p", true});
        REQUIRE(news.concluded.size() == 2);
        CHECK(news.concluded[1].result.message == refused);
        CHECK(news.concluded[1].result.verdict.attempts == 1);
        CHECK_FALSE(news.opened);
    }
    SECTION("others meet the same: the lane's, and none pays for it") {
        rig.submit(Disputed{"http_404", "", false});
        rig.submit(Disputed{"http_404", "", false});
        rig.now += rig.options.disputes.patience;
        const auto news = rig.lane.settle_disputes(rig.now);
        CHECK(news.opened);
        CHECK(rig.lane.view(rig.now).trouble->disputed);
        REQUIRE(news.concluded.size() == 3);
        for (const auto& concluded : news.concluded) {
            CHECK(concluded.result.verdict.attempts == 0);
            CHECK(concluded.result.verdict.error->error_class == "disputed");
        }
    }
    SECTION("nothing tells in time: one attempt") {
        rig.now += rig.options.disputes.patience;
        const auto news = rig.lane.settle_disputes(rig.now);
        CHECK(verdict(news).attempts == 1);
        CHECK_FALSE(news.opened);
    }
    SECTION("the stop comes first: one attempt") {
        CHECK(verdict(rig.lane.stop(rig.now)).attempts == 1);
    }
}

TEST_CASE("lane: a refusal of a message that was refused before is its own fault once another was accepted",
          "[app][lane]") {
    Rig rig;
    auto item = rig.item(true);
    rig.submit(Accepted{"p", true});
    const auto news =
        rig.lane.end(rig.lane.begin(std::move(item), 1, rig.now), Disputed{"http_404", "", false}, rig.now);
    CHECK(verdict(news).step == NextStep::failed);
}

TEST_CASE("lane: a provider that throttles is given as much weight as it takes", "[app][lane]") {
    Rig rig;
    const int weight = GENERATE(1, 4);
    while (!rig.lane.view(rig.now).limit_per_s)
        rig.submit(Throttled{1s, "http_429", ""});
    rig.now = std::max(rig.now, rig.lane.opens_at(rig.now));
    const double limit = rig.lane.view(rig.now).limit_per_s.value();
    rig.begin(weight);
    const auto opens = rig.lane.opens_at(rig.now);
    REQUIRE(opens > rig.now);
    CHECK(std::chrono::duration<double>(opens - rig.now).count() == Approx(weight / limit));
}

TEST_CASE("lane: what is given up while stopping says nothing of the provider", "[app][lane]") {
    Rig rig;
    std::vector<app::LaneSubmission> begun;
    for (int i = 0; i < 100; ++i)
        begun.push_back(rig.begin());
    rig.lane.stop(rig.now);
    rig.now += 10s;
    for (auto& submission : begun)
        CHECK_FALSE(rig.lane.end(std::move(submission), Uncertain{"closed", ""}, rig.now).opened);
    CHECK(rig.lane.circuit() == Circuit::closed);
}

TEST_CASE("lane: messages are marked only for a provider that does not know our keys", "[app][lane]") {
    Rig rig;
    for (const auto policy : {UnknownPolicy::resend_same_key, UnknownPolicy::wait_then_fail, UnknownPolicy::resend}) {
        rig.options.retry.unknown_policy = policy;
        CHECK(ProviderLane(rig.provider, rig.options).marks_in_flight() == (policy == UnknownPolicy::wait_then_fail));
    }
}
