#include "smsbcast/app/apply_receipts.hpp"
#include "support/app_script.hpp"

#include <set>

using namespace smsbcast;
using namespace smsbcast::test;
using app::ApplyReceipts;
using app::ReceiptOptions;
using std::chrono::milliseconds;

namespace {

class FakeReceiptStore : public ReceiptStore {
public:
    FakeReceiptStore(Script& script, ManualClock& clock)
        : script_(script), clock_(clock), never_(clock.make_signal()) {}

    asio::awaitable<Result<std::vector<ReceiptOutcome>>> apply(std::vector<Receipt> receipts, Deadline) override {
        CHECK(!under_way);
        under_way = true;
        batches.push_back(receipts.size());
        const auto fault = co_await script_.call("apply");
        if (takes.count() > 0)
            co_await never_->wait(clock_.in(takes));
        under_way = false;
        const bool poisoned = std::any_of(receipts.begin(), receipts.end(),
                                          [](const Receipt& receipt) { return receipt.provider_id == "poison"; });
        if (poisoned)
            co_return Errc::refused;
        if (fault == Fault::not_done)
            co_return script_.error(*fault);
        std::vector<ReceiptOutcome> outcomes;
        for (const auto& receipt : receipts) {
            const bool news = durable.insert(receipt.provider_id).second;
            outcomes.push_back(news ? ReceiptOutcome::applied : ReceiptOutcome::no_news);
        }
        if (fault)
            co_return script_.error(*fault);
        co_return outcomes;
    }
    asio::awaitable<Result<void>> keep(std::vector<Receipt> receipts, Deadline) override {
        const auto fault = co_await script_.call("keep");
        if (fault)
            co_return script_.error(*fault);
        for (const auto& receipt : receipts)
            durable.insert(receipt.provider_id);
        co_return Result<void>();
    }
    asio::awaitable<Result<void>> ping(Deadline) override { co_return Result<void>(); }

    std::set<std::string> durable;
    std::vector<std::size_t> batches;
    milliseconds takes{5};
    bool under_way = false;

private:
    Script& script_;
    ManualClock& clock_;
    std::unique_ptr<Signal> never_;
};

struct ReceiptWorld {
    explicit ReceiptWorld(ReceiptOptions options = {}) : receipts(store, loop.clock, options) {
        loop.spawn(receipts.run());
    }
    ~ReceiptWorld() {
        receipts.stop();
        CHECK(loop.run_dry());
        CHECK(receipts.waiting() == 0);
    }

    void post(std::string provider_id, milliseconds patience = milliseconds(5000)) {
        const std::size_t place = answers.size();
        answers.emplace_back();
        answered_at.emplace_back();
        loop.spawn(ask(std::move(provider_id), loop.clock.in(patience), place));
    }

    std::size_t answered() const {
        return static_cast<std::size_t>(
            std::count_if(answers.begin(), answers.end(), [](const auto& answer) { return answer.has_value(); }));
    }

    Loop loop;
    Script script{loop.io};
    FakeReceiptStore store{script, loop.clock};
    ApplyReceipts receipts;
    std::vector<std::optional<Result<ReceiptOutcome>>> answers;
    std::vector<TimePoint> answered_at;

private:
    asio::awaitable<void> ask(std::string provider_id, Deadline deadline, std::size_t place) {
        Receipt receipt;
        receipt.provider_id = provider_id;
        const Result<ReceiptOutcome> outcome = co_await receipts(receipt, deadline);
        if (outcome)
            CHECK(store.durable.count(provider_id) == 1);
        answers[place] = outcome;
        answered_at[place] = loop.clock.now();
    }
};

} // namespace

TEST_CASE("receipts: a lone one is written at once and answered after the commit", "[app][receipts]") {
    ReceiptWorld world;
    world.loop.settle();
    const auto begun = world.loop.clock.now();
    world.post("a");
    world.loop.advance(milliseconds(4));
    CHECK(world.answered() == 0);
    world.loop.advance(milliseconds(1));
    REQUIRE(world.answered() == 1);
    CHECK(world.answers[0]->value() == ReceiptOutcome::applied);
    CHECK(world.answered_at[0] - begun == milliseconds(5));
}

TEST_CASE("receipts: what comes during a transaction is the next one", "[app][receipts]") {
    ReceiptWorld world;
    world.post("a");
    world.loop.settle();
    for (int i = 0; i < 100; ++i)
        world.post("b" + std::to_string(i));
    world.loop.advance(milliseconds(10));
    CHECK(world.store.batches == std::vector<std::size_t>{1, 100});
    CHECK(world.answered() == 101);
}

TEST_CASE("receipts: no transaction is larger than the batch, and none overlap", "[app][receipts]") {
    ReceiptWorld world({.batch = 30});
    for (int i = 0; i < 100; ++i)
        world.post("b" + std::to_string(i));
    world.loop.advance(milliseconds(100));
    CHECK(world.store.batches == std::vector<std::size_t>{30, 30, 30, 10});
    CHECK(world.answered() == 100);
}

TEST_CASE("receipts: under load the first waits a little for others, otherwise not", "[app][receipts]") {
    ReceiptWorld world({.batch = 10, .linger = milliseconds(3)});
    for (int i = 0; i < 5; ++i)
        world.post("a" + std::to_string(i));
    world.loop.advance(milliseconds(50));
    REQUIRE(world.store.batches == std::vector<std::size_t>{5});

    world.post("b");
    world.loop.advance(milliseconds(2));
    world.post("c");
    CHECK(world.store.batches.size() == 1);
    world.loop.advance(milliseconds(1));
    CHECK(world.store.batches == std::vector<std::size_t>{5, 2});
    world.loop.advance(milliseconds(50));

    SECTION("a full batch does not linger") {
        for (int i = 0; i < 10; ++i)
            world.post("d" + std::to_string(i));
        world.loop.settle();
        CHECK(world.store.batches == std::vector<std::size_t>{5, 2, 10});
    }
    SECTION("after a lone one the next goes at once") {
        world.post("d");
        world.loop.advance(milliseconds(50));
        world.post("e");
        world.loop.settle();
        CHECK(world.store.batches == std::vector<std::size_t>{5, 2, 1, 1});
    }
}

TEST_CASE("receipts: a failed transaction is repeated, done or not", "[app][receipts]") {
    const auto fault = GENERATE(Fault::not_done, Fault::done);
    ReceiptWorld world;
    world.script.fail_call(1, fault);
    world.post("a");
    world.loop.advance(milliseconds(200));
    REQUIRE(world.answered() == 1);
    CHECK(world.answers[0]->value() == (fault == Fault::done ? ReceiptOutcome::no_news : ReceiptOutcome::applied));
}

TEST_CASE("receipts: each waits until its own deadline, then hears what was wrong", "[app][receipts]") {
    ReceiptWorld world;
    world.script.fail_while([](std::string_view) { return true; });
    world.post("a", milliseconds(300));
    world.post("b", milliseconds(2000));
    world.loop.advance(milliseconds(299));
    CHECK(world.answered() == 0);
    world.loop.advance(milliseconds(1));
    CHECK(world.answered() == 1);
    CHECK(world.answers[0]->error() == Errc::unavailable);

    SECTION("the other is still written when the store comes back") {
        world.script.stop_failing();
        world.loop.advance(milliseconds(1600));
        REQUIRE(world.answered() == 2);
        CHECK(world.answers[1]->value() == ReceiptOutcome::applied);
    }
    SECTION("and given up when it does not") {
        world.loop.advance(milliseconds(1700));
        REQUIRE(world.answered() == 2);
        CHECK(world.answers[1]->error() == Errc::unavailable);
        world.script.stop_failing();
        world.post("c");
        world.loop.advance(milliseconds(10));
        CHECK(world.answered() == 3);
    }
}

TEST_CASE("receipts: a bad one does not take its neighbours down", "[app][receipts]") {
    ReceiptWorld world;
    for (const char* id : {"a", "poison", "b"})
        world.post(id);
    SECTION("it waits in the inbox") {
        world.loop.advance(milliseconds(100));
        REQUIRE(world.answered() == 3);
        CHECK(world.answers[1]->value() == ReceiptOutcome::kept);
    }
    SECTION("or is answered with the truth") {
        world.script.fail_while([](std::string_view name) { return name == "keep"; }, Errc::refused);
        world.loop.advance(milliseconds(100));
        REQUIRE(world.answered() == 3);
        CHECK(world.answers[1]->error() == Errc::refused);
    }
    CHECK(world.answers[0]->value() == ReceiptOutcome::applied);
    CHECK(world.answers[2]->value() == ReceiptOutcome::applied);
    CHECK(world.receipts.put_aside() == 1);
    CHECK_FALSE(world.receipts.stalled());
}

TEST_CASE("receipts: of five hundred one bad one costs a few transactions", "[app][receipts]") {
    ReceiptWorld world;
    for (int i = 0; i < 499; ++i)
        world.post("a" + std::to_string(i));
    world.post("poison");
    world.loop.advance(milliseconds(500));
    CHECK(world.answered() == 500);
    CHECK(world.store.durable.size() == 500);
    CHECK(world.store.batches.size() < 25);
}

TEST_CASE("receipts: that none can be stored is told after ten seconds, and while it lasts", "[app][receipts]") {
    ReceiptWorld world;
    world.script.fail_while([](std::string_view) { return true; });
    const auto post_and_wait = [&] {
        world.post("a" + std::to_string(world.answers.size()), milliseconds(5000));
        world.loop.advance(milliseconds(4000));
    };
    post_and_wait();
    post_and_wait();
    CHECK_FALSE(world.receipts.stalled());
    post_and_wait();
    CHECK(world.receipts.stalled());
    world.script.stop_failing();
    world.loop.advance(milliseconds(6000));
    CHECK_FALSE(world.receipts.stalled());
}

TEST_CASE("receipts: beyond the bound they are refused", "[app][receipts]") {
    ReceiptWorld world({.batch = 10, .max_waiting = 25});
    for (int i = 0; i < 30; ++i)
        world.post("a" + std::to_string(i));
    world.loop.settle();
    CHECK(world.receipts.waiting() == 25);
    CHECK(world.answered() == 5);
    for (std::size_t i = 25; i < 30; ++i)
        CHECK(world.answers[i]->error() == Errc::overloaded);
    world.loop.advance(milliseconds(50));
    CHECK(world.receipts.waiting() == 0);
    world.post("b");
    world.loop.advance(milliseconds(50));
    CHECK(world.answers.back()->has_value());
}

TEST_CASE("receipts: a stop writes what waits and refuses what comes", "[app][receipts]") {
    ReceiptWorld world;
    for (int i = 0; i < 10; ++i)
        world.post("a" + std::to_string(i));
    world.loop.settle();
    world.receipts.stop();
    world.post("late");
    world.loop.settle();
    CHECK(world.answers.back()->error() == Errc::stopping);
    CHECK(world.loop.run_dry(milliseconds(100)));
    CHECK(world.store.durable.size() == 10);
}

TEST_CASE("receipts: without a writer they end at their deadline", "[app][receipts]") {
    Loop loop;
    Script script{loop.io};
    FakeReceiptStore store{script, loop.clock};
    ApplyReceipts receipts(store, loop.clock, {});
    const Receipt receipt{.message = {}, .provider_id = "a", .delivered = true, .error_code = {}};
    CHECK(run(loop, receipts(receipt, loop.clock.in(milliseconds(100)))).error() == Errc::timeout);
}
