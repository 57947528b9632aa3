#include "smsbcast/domain/broadcast.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace smsbcast;
using enum MessageStatus;

TEST_CASE("each status has a name of its own that reads back", "[domain][status]") {
    for (const auto status : kMessageStatuses)
        CHECK(parse_message_status(to_string(status)) == status);
    CHECK_FALSE(parse_message_status("SENT"));
    CHECK_FALSE(parse_message_status(""));
    for (const auto status : kBroadcastStatuses)
        CHECK(parse_broadcast_status(to_string(status)) == status);
}

TEST_CASE("no transition is listed twice", "[domain][status]") {
    std::set<std::tuple<MessageStatus, MessageStatus, Actor>> seen;
    for (const auto& t : transitions())
        CHECK(seen.emplace(t.from, t.to, t.actor).second);
}

TEST_CASE("the whole matrix: final statuses are left by a late delivery only", "[domain][status]") {
    for (const auto from : kMessageStatuses)
        for (const auto to : kMessageStatuses)
            for (const auto actor : {Actor::relay, Actor::worker, Actor::receipt, Actor::sweeper, Actor::api}) {
                if (from == to)
                    CHECK_FALSE(may_move(from, to, actor));
                if (is_final(from))
                    CHECK(may_move(from, to, actor) == (from == failed && to == delivered && actor == Actor::receipt));
                if (to == delivered)
                    CHECK((!may_move(from, to, actor) || actor == Actor::receipt));
                if (to == sent)
                    CHECK((!may_move(from, to, actor) ||
                           (actor == Actor::worker && (from == sending || from == unknown)) ||
                           (actor == Actor::sweeper && from == unknown)));
                if (from == sent) // the provider has it: only a receipt can say more
                    CHECK((!may_move(from, to, actor) || actor == Actor::receipt));
            }
}

TEST_CASE("every status is reached and every live one is left", "[domain][status]") {
    for (const auto status : kMessageStatuses) {
        bool reached = status == pending, left = is_final(status);
        for (const auto& t : transitions()) {
            reached = reached || t.to == status;
            left = left || t.from == status;
        }
        CHECK(reached);
        CHECK(left);
    }
}

TEST_CASE("what is in our hands is neither final nor the provider's", "[domain][status]") {
    for (const auto status : kMessageStatuses)
        CHECK(is_in_our_hands(status) == (!is_final(status) && status != sent));
}

TEST_CASE("commands: idempotent, and refused where nothing can be done", "[domain][broadcast]") {
    using S = BroadcastStatus;
    using C = BroadcastCommand;
    CHECK(after(S::running, C::pause) == S::paused);
    CHECK(after(S::paused, C::pause) == S::paused);
    CHECK(after(S::paused, C::resume) == S::running);
    CHECK(after(S::running, C::resume) == S::running);
    CHECK(after(S::running, C::cancel) == S::canceling);
    CHECK(after(S::paused, C::cancel) == S::canceling);
    CHECK(after(S::canceling, C::cancel) == S::canceling);
    CHECK(after(S::canceled, C::cancel) == S::canceled);
    CHECK_FALSE(after(S::completed, C::cancel));
    for (const auto status : {S::canceling, S::canceled, S::completed}) {
        CHECK_FALSE(after(status, C::pause));
        CHECK_FALSE(after(status, C::resume));
    }
}

TEST_CASE("a broadcast expires later than now and soon enough", "[domain][broadcast]") {
    const Timestamp now(std::chrono::seconds(1'700'000'000));
    const std::chrono::microseconds least(1);
    CHECK(check_expiry(now - kMaxExpiry, now) == ExpiryError::in_the_past);
    CHECK(check_expiry(now, now) == ExpiryError::in_the_past);
    CHECK_FALSE(check_expiry(now + least, now));
    CHECK_FALSE(check_expiry(now + kMaxExpiry, now));
    CHECK(check_expiry(now + kMaxExpiry + least, now) == ExpiryError::too_far);
    CHECK(code(ExpiryError::in_the_past) == "in_the_past");
    CHECK(code(ExpiryError::too_far) == "too_far");
}

TEST_CASE("counts add up", "[domain][broadcast]") {
    StatusCounts counts;
    counts[pending] = 1;
    counts[unknown] = 2;
    counts[sent] = 4;
    counts[delivered] = 8;
    CHECK(counts.total() == 15);
    CHECK(counts.in_our_hands() == 3);
}
