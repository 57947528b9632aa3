#include "roles/role_host.hpp"
#include "support/app_loop.hpp"
#include "support/patience.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace smsbcast;
using namespace smsbcast::roles;
using namespace std::chrono_literals;

namespace {

using Events = std::vector<std::string>;

/// What happened, in order. The makers of parts are plain functions, which have no other way to it.
Events events; // NOLINT(cert-err58-cpp)

class FakeInstallation final : public Installation {
public:
    Awaitable<Result<InstallationIdentity>> identity(Deadline) override { co_return InstallationIdentity(); }
    Awaitable<Result<std::optional<Hold>>> held(Deadline) override { co_return std::optional<Hold>(); }
    Awaitable<Result<Hold>> hold(std::string, Deadline) override { co_return Errc::internal; }
    Awaitable<Result<ReleaseReport>> release(ReleaseOptions, Deadline) override { co_return Errc::internal; }
};

class FakeSession final : public StoreSession {
public:
    explicit FakeSession(Result<void> migrated) : migrated_(std::move(migrated)) {}

    Awaitable<Result<void>> migrate(Deadline) override {
        events.emplace_back("migrate");
        co_return migrated_;
    }
    Awaitable<Result<void>> check(Deadline) override { co_return Result<void>(); }
    void abandon() override { events.emplace_back("abandon"); }
    std::unique_ptr<BroadcastStore> broadcasts() override { return nullptr; }
    std::unique_ptr<BroadcastStore> uploads() override { return nullptr; }
    std::unique_ptr<Outbox> outbox() override { return nullptr; }
    std::unique_ptr<TicketStore> tickets() override { return nullptr; }
    std::unique_ptr<ReceiptStore> receipts() override { return nullptr; }
    std::unique_ptr<Housekeeping> housekeeping() override { return nullptr; }
    std::unique_ptr<Installation> installation() override { return std::make_unique<FakeInstallation>(); }
    std::unique_ptr<KeyStore> keys() override { return nullptr; }

private:
    Result<void> migrated_;
};

class FakeStore final : public StoreBackend {
public:
    explicit FakeStore(Result<void> migrated) : migrated_(std::move(migrated)) {}
    std::unique_ptr<StoreSession> open(boost::asio::io_context&, std::string_view role) const override {
        events.push_back("open " + std::string(role));
        return std::make_unique<FakeSession>(migrated_);
    }

private:
    Result<void> migrated_;
};

RoleHost::StopStep noted(std::string event) {
    return RoleHost::at_once([event = std::move(event)](Deadline) { events.push_back(event); });
}

Awaitable<> note(std::string event) {
    events.push_back(std::move(event));
    co_return;
}

/// Declares all at once, as a role that needs no installation does.
struct Simple final : RoleParts {
    explicit Simple(RoleHost& host) {
        host.run("task", [] { return note("task"); });
        host.stop_by({noted("first"), host.end_tasks(), noted("second"), host.end_listener(), noted("last")});
    }
};

struct Stored final : RoleParts {
    explicit Stored(RoleHost& host) {
        host.store();
        host.watch_store();
        host.when_installed([&host](const InstallationIdentity&) { return begin(host); });
    }

    static Awaitable<Result<void>> begin(RoleHost& host) {
        events.emplace_back("installed");
        host.run("task", [] { return note("task"); });
        host.stop_by({noted("first"), host.end_tasks(), host.end_listener()});
        co_return Result<void>();
    }
};

/// Waits as it begins, until it is to end.
struct Slow final : RoleParts {
    explicit Slow(RoleHost& host) {
        host.store();
        host.run("task", [] { return note("task"); });
        host.when_installed([&host](const InstallationIdentity&) { return begin(host); });
    }

    static Awaitable<Result<void>> begin(RoleHost& host) {
        events.emplace_back("begins");
        while (!host.stopping())
            co_await runtime::sleep_until(host.shard(), Deadline::after(1ms));
        host.stop_by({noted("too late")});
        co_return Result<void>();
    }
};

template <class Parts>
std::unique_ptr<RoleParts> make(RoleHost& host) {
    return std::make_unique<Parts>(host);
}

/// A role that listens at any free port.
struct World {
    explicit World(MakeParts make_parts, Result<void> migrated = {}) {
        events.clear();
        config.http_addr[config::Role::outbox] = {"127.0.0.1", 0};
        backend.store = std::make_unique<FakeStore>(std::move(migrated));
        host.emplace(loop.io, config, backend, config::Role::outbox, make_parts);
    }

    template <class T>
    T await(Awaitable<T> task) {
        std::optional<T> value;
        loop.spawn([](Awaitable<T> inner, std::optional<T>& out) -> Awaitable<> {
            out.emplace(co_await std::move(inner));
        }(std::move(task), value));
        run_until([&] { return value.has_value(); });
        return std::move(*value);
    }

    Result<void> start() { return await(host->start()); }

    void stop() {
        loop.spawn(host->stop(Deadline::after(test::kPatience)));
        run_until([&] { return loop.running() == 0; });
    }

    template <class Done>
    void run_until(Done done) {
        while (!done())
            REQUIRE(loop.io.run_one_for(test::kPatience) == 1);
    }

    test::Loop loop;
    config::Config config;
    Backend backend;
    std::optional<RoleHost> host;
};

} // namespace

TEST_CASE("role host: a role without a store starts at once and ends in the order that it declared", "[roles]") {
    World world(make<Simple>);
    REQUIRE(world.start());
    world.run_until([] { return events == Events{"task"}; });
    world.stop();
    CHECK(events == Events{"task", "first", "second", "last"});
}

TEST_CASE("role host: what a role declares takes effect once the installation is known", "[roles]") {
    World world(make<Stored>);
    CHECK(events == Events{"open outbox"});
    REQUIRE(world.start());
    world.run_until([] { return events.size() == 4; });
    world.stop();
    CHECK(events == Events{"open outbox", "migrate", "installed", "task", "first"});
}

TEST_CASE("role host: migrate_at_start decides who brings the schema up", "[roles]") {
    World world(make<Stored>);
    world.config.process.migrate_at_start = false;
    REQUIRE(world.start());
    world.run_until([] { return events == Events{"open outbox", "installed", "task"}; });
    world.stop();
}

TEST_CASE("role host: a role whose schema cannot be used does not start, and can be stopped", "[roles]") {
    World world(make<Stored>, Errc::conflict);
    const auto started = world.start();
    REQUIRE_FALSE(started);
    CHECK(started.error() == Errc::conflict);
    world.stop();
    CHECK(events == Events{"open outbox", "migrate"});
}

TEST_CASE("role host: a stop ends the wait for a store that is away", "[roles]") {
    World world(make<Stored>, Errc::unavailable);
    std::optional<Result<void>> started;
    world.loop.spawn([](RoleHost& host, std::optional<Result<void>>& out) -> Awaitable<> {
        out.emplace(co_await host.start());
    }(*world.host, started));
    world.run_until([] { return events.size() >= 3; }); // it has asked more than once
    CHECK_FALSE(started);
    world.stop();
    REQUIRE(started);
    CHECK(started->error() == Errc::stopping);
}

TEST_CASE("role host: a role that is stopped while it begins does not start", "[roles]") {
    World world(make<Slow>);
    std::optional<Result<void>> started;
    world.loop.spawn([](RoleHost& host, std::optional<Result<void>>& out) -> Awaitable<> {
        out.emplace(co_await host.start());
    }(*world.host, started));
    world.run_until([] { return events.size() == 3; });
    world.stop();
    REQUIRE(started);
    CHECK(started->error() == Errc::stopping);
    CHECK(events == Events{"open outbox", "migrate", "begins"});
}
