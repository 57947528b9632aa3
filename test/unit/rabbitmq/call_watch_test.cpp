#include "adapters/rabbitmq/call_watch.hpp"

#include <catch2/catch.hpp>

#include <sys/socket.h>
#include <unistd.h>

namespace smsbcast::adapters::rabbitmq {

using namespace std::chrono_literals;

namespace {

/// A connected pair of sockets.
struct Pair {
    Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0); }
    ~Pair() {
        ::close(fds[0]);
        ::close(fds[1]);
    }
    bool is_cut() const {
        char byte = 0;
        return ::recv(fds[1], &byte, 1, 0) == 0;
    }
    int fds[2];
};

} // namespace

TEST_CASE("call watch: cuts the socket of a call that takes too long, and of no other") {
    const Pair pair;
    CallWatch watch(1s);
    watch.attach(pair.fds[0]);
    const auto later = CallWatch::Clock::now() + 1h;
    CHECK_FALSE(watch.check(later));
    {
        const CallWatch::Call call(watch);
        CHECK_FALSE(watch.check(CallWatch::Clock::now()));
        CHECK_FALSE(pair.is_cut());
        CHECK(watch.check(later));
        CHECK(pair.is_cut());
    }
    CHECK_FALSE(watch.check(later));
}

TEST_CASE("call watch: has nothing to cut once the socket is detached") {
    const Pair pair;
    CallWatch watch(1s);
    watch.attach(pair.fds[0]);
    watch.detach();
    const CallWatch::Call call(watch);
    CHECK_FALSE(watch.check(CallWatch::Clock::now() + 1h));
    CHECK_FALSE(pair.is_cut());
}

TEST_CASE("call watch: cut for good also holds for sockets that come later") {
    const Pair first;
    const Pair second;
    CallWatch watch(1s);
    watch.attach(first.fds[0]);
    watch.cut_for_good();
    CHECK(first.is_cut());
    watch.detach();
    CHECK(watch.attach(second.fds[0]));
    CHECK(second.is_cut());
}

TEST_CASE("call watch: a socket that cannot be watched is told of") {
    CHECK_FALSE(CallWatch(1s).attach(-1));
}

} // namespace smsbcast::adapters::rabbitmq
