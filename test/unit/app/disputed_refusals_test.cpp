#include "smsbcast/app/disputed_refusals.hpp"

#include "support/app_ids.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::test;
using namespace std::chrono_literals;
using app::DisputedRefusals;
using Finding = DisputedRefusals::Finding;

namespace {

constexpr auto kDisputeBegun = DisputedRefusals::TimePoint{} + 1h;

struct DisputeRig {
    DisputedRefusals disputes{app::DisputeOptions{}};
    DisputedRefusals::TimePoint now = kDisputeBegun;

    std::optional<Finding> refuse(int message) {
        disputes.refused(message_id(message), now, now);
        return disputes.take_finding(now);
    }
    std::optional<Finding> accept() {
        disputes.accepted();
        return disputes.take_finding(now);
    }
    std::optional<Finding> wait(std::chrono::milliseconds time) {
        now += time;
        return disputes.take_finding(now);
    }
};

} // namespace

TEST_CASE("disputes: an acceptance afterwards says that the message was at fault", "[app][disputes]") {
    DisputeRig rig;
    CHECK_FALSE(rig.wait(1h));
    CHECK_FALSE(rig.accept());
    CHECK_FALSE(rig.refuse(1));
    CHECK_FALSE(rig.refuse(2));
    CHECK(rig.accept() == Finding::messages);
    CHECK_FALSE(rig.wait(1h));
}

TEST_CASE("disputes: different messages in a row blame the lane", "[app][disputes]") {
    DisputeRig rig;
    const bool worked = GENERATE(false, true);
    if (worked)
        rig.accept();
    const int needed = worked ? 10 : 3;
    SECTION("when that lasts") {
        for (int i = 1; i <= needed; ++i)
            CHECK_FALSE(rig.refuse(i));
        CHECK_FALSE(rig.wait(999ms));
        CHECK(rig.wait(1ms) == Finding::lane);
    }
    SECTION("not when there are too few") {
        for (int i = 1; i < needed; ++i)
            CHECK_FALSE(rig.refuse(i));
        CHECK(rig.disputes.decided_by() == rig.now + 1s);
        CHECK(rig.wait(1s) == Finding::unproven);
        CHECK(rig.refuse(needed) == Finding::lane); // the run goes on
    }
    SECTION("at once when there are very many") {
        for (int i = 1; i < 50; ++i)
            CHECK_FALSE(rig.refuse(i));
        CHECK(rig.refuse(50) == Finding::lane);
    }
}

TEST_CASE("disputes: one message alone never blames the lane", "[app][disputes]") {
    DisputeRig rig;
    for (int i = 0; i < 100; ++i) {
        CHECK_FALSE(rig.refuse(1));
        CHECK(rig.wait(2s) == Finding::unproven);
    }
}

TEST_CASE("disputes: an acceptance ends the run", "[app][disputes]") {
    DisputeRig rig;
    for (int i = 0; i < 1000; ++i) {
        rig.refuse(2 * i);
        rig.refuse(2 * i + 1);
        CHECK(rig.accept() == Finding::messages);
        rig.now += 1s;
    }
}

TEST_CASE("disputes: what was handed over during the run can contradict it", "[app][disputes]") {
    DisputeRig rig;
    CHECK_FALSE(rig.disputes.contradicts(rig.now));
    rig.disputes.refused(message_id(1), kDisputeBegun, kDisputeBegun + 5ms);
    rig.disputes.refused(message_id(2), kDisputeBegun - 1ms, kDisputeBegun + 6ms);
    CHECK_FALSE(rig.disputes.contradicts(kDisputeBegun - 2ms));
    CHECK(rig.disputes.contradicts(kDisputeBegun - 1ms));
    CHECK(rig.disputes.contradicts(kDisputeBegun + 1h));
    rig.accept();
    CHECK_FALSE(rig.disputes.contradicts(kDisputeBegun + 1h));
}
