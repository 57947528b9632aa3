#include "client_fixture.hpp"

#include <future>
#include <mutex>

#include <dlfcn.h>
#include <netdb.h>

using namespace smsbcast;
using namespace smsbcast::test;
using namespace std::chrono_literals;

namespace {

/// What the names of this test stand for; every other name goes to the system's resolver.
struct FakeNames {
    std::mutex mutex;
    std::shared_future<void> release; ///< `stuck.test` is answered after this
    int look_ups = 0;
};

FakeNames& fake_names() {
    static FakeNames names;
    return names;
}

} // namespace

/// Takes the place of the C library's in this program.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
    const std::string name = node ? node : "";
    if (!name.ends_with(".test"))
        return real(node, service, hints, result);
    std::shared_future<void> release;
    {
        const std::lock_guard lock(fake_names().mutex);
        ++fake_names().look_ups;
        release = fake_names().release;
    }
    if (name == "unknown.test")
        return EAI_NONAME;
    if (name == "stuck.test" && release.valid())
        release.wait();
    return real("127.0.0.1", service, hints, result);
}

namespace {

http::ClientOptions named(std::string host) {
    return {.host = std::move(host)};
}

int look_ups() {
    const std::lock_guard lock(fake_names().mutex);
    return std::exchange(fake_names().look_ups, 0);
}

} // namespace

TEST_CASE("localhost needs no look-up, in any spelling", "[http][client]") {
    const auto name = GENERATE("localhost", "LocalHost", "127.0.0.1");
    ClientFixture f({answer(http_answer(200, ""))}, named(name));
    CHECK(f.response().status == 200);
}

TEST_CASE("A name is looked up once while its answer is fresh", "[http][client]") {
    look_ups();
    ClientFixture f({answer_and_close(http_answer(200, "", "Connection: close\r\n"))}, named("known.test"));
    for (int i = 0; i < 3; ++i)
        CHECK(f.response().status == 200);
    CHECK(f.server.accepted() == 3);
    CHECK(look_ups() == 1);
}

TEST_CASE("A name is looked up again when its answer is old, or when it led nowhere", "[http][client]") {
    look_ups();
    auto options = named("known.test");
    const bool led_nowhere = GENERATE(false, true);
    if (!led_nowhere)
        options.address_lifetime = 0ms;
    ClientFixture f({answer_and_close(http_answer(200, "", "Connection: close\r\n"))}, options);
    CHECK(f.response().status == 200);
    if (led_nowhere) {
        f.server.stop();
        CHECK(f.error().code == "connect_refused");
    }
    f.exchange();
    CHECK(look_ups() == 2);
}

TEST_CASE("A name that nobody knows: not sent", "[http][client]") {
    ClientFixture f({hang()}, named("unknown.test"));
    for (int i = 0; i < 2; ++i) {
        const auto error = f.error();
        CHECK(error.failure == http::ClientFailure::not_sent);
        CHECK(error.code == "name_lookup");
    }
}

TEST_CASE("A look-up that is stuck holds nobody beyond the deadline, and serves the next", "[http][client]") {
    look_ups();
    std::promise<void> release;
    {
        const std::lock_guard lock(fake_names().mutex);
        fake_names().release = release.get_future().share();
    }
    ClientFixture f({answer(http_answer(200, ""))}, named("stuck.test"));
    for (int i = 0; i < 2; ++i) {
        const auto error = f.error(ClientFixture::post(), 30ms);
        CHECK(error.failure == http::ClientFailure::not_sent);
        CHECK(error.code == "name_lookup");
    }
    release.set_value();
    CHECK(f.response().status == 200);
    CHECK(look_ups() == 1);
}

TEST_CASE("cut() ends the wait for a look-up that is stuck", "[http][client]") {
    std::promise<void> release;
    {
        const std::lock_guard lock(fake_names().mutex);
        fake_names().release = release.get_future().share();
    }
    ClientFixture f({answer(http_answer(200, ""))}, named("stuck.test"));
    std::optional<http::ClientExchange> exchanged;
    const auto run = [](http::Client& client, std::optional<http::ClientExchange>& into) -> Awaitable<> {
        into = co_await client.exchange(ClientFixture::post(), Deadline::after(kPatience));
    };
    f.loop.tasks.spawn("exchange", [&] { return run(f.client, exchanged); });
    f.loop.turn();
    f.client.cut();
    f.loop.run_until([&] { return exchanged.has_value(); });
    CHECK(std::get<http::ClientError>(exchanged->result).failure == http::ClientFailure::not_sent);
    release.set_value();
}
