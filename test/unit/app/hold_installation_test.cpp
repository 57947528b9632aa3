#include "smsbcast/app/hold_installation.hpp"

#include "support/app_loop.hpp"

#include <catch2/catch.hpp>

#include <deque>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

const Caller kAnyone = Caller::anyone();

class ScriptedInstallation final : public Installation {
public:
    std::optional<Hold> hold_ = Hold{Timestamp(), "by hand"};
    std::deque<Result<ReleaseReport>> steps;

    boost::asio::awaitable<Result<InstallationIdentity>> identity(Deadline) override {
        co_return InstallationIdentity();
    }
    boost::asio::awaitable<Result<std::optional<Hold>>> held(Deadline) override { co_return hold_; }
    boost::asio::awaitable<Result<Hold>> hold(std::string, Deadline) override { co_return *hold_; }
    boost::asio::awaitable<Result<ReleaseReport>> release(ReleaseOptions, Deadline) override {
        REQUIRE_FALSE(steps.empty());
        auto step = steps.front();
        steps.pop_front();
        co_return step;
    }
};

} // namespace

TEST_CASE("release: goes on until the hold has ended, and adds up", "[hold]") {
    Loop loop;
    ScriptedInstallation installation;
    installation.steps = {ReleaseReport{5, true}, ReleaseReport{2, true}, ReleaseReport{0, false}};
    app::HoldInstallation holding(installation);
    const auto report = run(loop, holding.release(kAnyone, {Timestamp()}, Deadline::after(std::chrono::hours(1))));
    REQUIRE(report.has_value());
    CHECK(*report == ReleaseReport{7, false});
    CHECK(installation.steps.empty());
}

TEST_CASE("release: what was done before the deadline is told", "[hold]") {
    Loop loop;
    ScriptedInstallation installation;
    app::HoldInstallation holding(installation);
    SECTION("it passed between two steps") {
        const auto report = run(loop, holding.release(kAnyone, {}, Deadline::after(std::chrono::seconds(0))));
        REQUIRE(report.has_value());
        CHECK(*report == ReleaseReport{0, true});
    }
    SECTION("it passed in a step") {
        installation.steps = {ReleaseReport{5, true}, Errc::timeout};
        const auto report = run(loop, holding.release(kAnyone, {Timestamp()}, Deadline::after(std::chrono::hours(1))));
        REQUIRE(report.has_value());
        CHECK(*report == ReleaseReport{5, true});
    }
    SECTION("another failure is told instead") {
        installation.steps = {ReleaseReport{5, true}, Errc::refused};
        const auto report = run(loop, holding.release(kAnyone, {Timestamp()}, Deadline::after(std::chrono::hours(1))));
        CHECK(report.error() == Errc::refused);
    }
}

TEST_CASE("release: nothing is assumed sent where nothing is held", "[hold]") {
    Loop loop;
    ScriptedInstallation installation;
    installation.hold_.reset();
    app::HoldInstallation holding(installation);
    const auto assuming = run(loop, holding.release(kAnyone, {Timestamp()}, Deadline::after(std::chrono::hours(1))));
    CHECK(assuming.error() == Errc::conflict);
    const auto plain = run(loop, holding.release(kAnyone, {}, Deadline::after(std::chrono::hours(1))));
    REQUIRE(plain.has_value());
    CHECK(*plain == ReleaseReport{});
}

TEST_CASE("hold: whoever is no admin neither sees nor changes it", "[hold]") {
    Loop loop;
    ScriptedInstallation installation;
    app::HoldInstallation holding(installation);
    const Caller caller{"reader", "default", {Scope::broadcasts_read, Scope::broadcasts_write}};
    const auto deadline = Deadline::after(std::chrono::hours(1));
    CHECK(run(loop, holding.held(caller, deadline)).error() == Errc::forbidden);
    CHECK(run(loop, holding.hold(caller, "because", deadline)).error() == Errc::forbidden);
    CHECK(run(loop, holding.release(caller, {}, deadline)).error() == Errc::forbidden);
}
