#include "commands/health_report.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast::commands;
using Strings = std::vector<std::string>;

namespace {

HealthAnswer by(std::string role, bool ready, Strings process) {
    return {"127.0.0.1:1", role, ready, role, std::move(process), ready ? "" : "503 {}"};
}

HealthAnswer nobody(std::string expected) {
    return {"127.0.0.1:2", std::move(expected), false, {}, {}, "connection refused"};
}

const Strings kAll{"api", "outbox"};

} // namespace

TEST_CASE("health: all roles of a process must answer and be ready", "[roles]") {
    const auto both = judge({by("api", true, kAll), by("outbox", true, kAll)});
    CHECK(both.healthy);
    CHECK(both.lines == Strings{"ready      api            127.0.0.1:1", "ready      outbox         127.0.0.1:1"});

    const auto dead = judge({by("api", true, kAll), nobody("outbox")});
    CHECK_FALSE(dead.healthy);
    CHECK(dead.lines == Strings{"ready      api            127.0.0.1:1",
                                "no_answer  outbox         127.0.0.1:2  connection refused"});

    const auto busy = judge({by("api", true, kAll), by("outbox", false, kAll)});
    CHECK_FALSE(busy.healthy);
    CHECK(busy.lines.back() == "not_ready  outbox         127.0.0.1:1  503 {}");
}

TEST_CASE("health: of a role alone no other is missed", "[roles]") {
    const auto alone = judge({nobody("api"), by("outbox", true, {"outbox"}), nobody("worker")});
    CHECK(alone.healthy);
    CHECK(alone.lines == Strings{"ready      outbox         127.0.0.1:1"});
    CHECK_FALSE(judge({nobody("api"), by("outbox", false, {"outbox"})}).healthy);
    CHECK(judge({by("api", true, {"api"}), by("dlr", true, {"dlr"})}).healthy);
}

TEST_CASE("health: a role that listens where another one is configured counts as itself", "[roles]") {
    auto mock = by("mock-provider", true, {"mock-provider"});
    mock.expected = "api"; // HTTP_ADDR is the mock's too when it runs alone
    CHECK(judge({mock, nobody("mock-provider")}).healthy);
    CHECK_FALSE(judge({by("api", true, {"api", "unheard-of"})}).healthy);
}

TEST_CASE("health: when nobody answers, every address that was asked is named", "[roles]") {
    const auto report = judge({nobody("api"), nobody("outbox")});
    CHECK_FALSE(report.healthy);
    CHECK(report.lines.size() == 2);
    CHECK_FALSE(judge({}).healthy);
}

TEST_CASE("health: what an answer says of who gives it", "[roles]") {
    HealthAnswer answer;
    read_health(R"({"status":"ready","role":"api","process":["api","dlr"],"checks":{}})", answer);
    CHECK(answer.role == "api");
    CHECK(answer.process == Strings{"api", "dlr"});
    for (const auto* body : {"", "hello", "[]", "7", R"({"role":7,"process":"api"})"}) {
        HealthAnswer foreign;
        read_health(body, foreign);
        CHECK(foreign.role.empty());
        CHECK(foreign.process.empty());
    }
}
