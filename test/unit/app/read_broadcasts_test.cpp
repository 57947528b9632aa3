#include "smsbcast/app/read_broadcasts.hpp"

#include "smsbcast/app/control_broadcast.hpp"

#include "support/app_loop.hpp"
#include "support/fake_transport_store.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

struct World {
    Loop loop;
    FakeTransportStore store;
    app::ReadBroadcasts read{store};
    app::ControlBroadcast control{store};
    const Caller anyone = Caller::anyone();
    Deadline deadline = Deadline::after(std::chrono::hours(1));

    BroadcastId add(int messages) {
        Broadcast broadcast;
        broadcast.id = BroadcastId{new_uuid()};
        store.broadcasts_by_age.push_back(broadcast);
        UuidBlock ids;
        for (int i = 0; i < messages; ++i) {
            Message message;
            message.id = MessageId{ids.next()};
            message.broadcast = broadcast.id;
            store.messages_by_id.push_back(message);
        }
        return broadcast.id;
    }

    app::Page<Message> page(BroadcastId id, std::optional<Uuid> after, int limit) {
        MessageQuery query{id, {}, {}, limit};
        if (after)
            query.after = MessageId{*after};
        auto found = run(loop, read.messages(anyone, query, deadline));
        REQUIRE(found.has_value());
        return std::move(*found);
    }
};

} // namespace

TEST_CASE("read: pages follow each other and end with the list", "[app][read]") {
    World world;
    const auto id = world.add(5);
    const auto first = world.page(id, {}, 2);
    CHECK(first.rows.size() == 2);
    REQUIRE(first.next_after == first.rows.back().id.value);
    const auto second = world.page(id, first.next_after, 3);
    CHECK(second.rows.size() == 3);
    CHECK_FALSE(second.next_after);
    CHECK(world.page(id, second.rows.back().id.value, 2).rows.empty());
}

TEST_CASE("read: a page of the largest size counts as followed by another", "[app][read]") {
    World world;
    const auto exact = world.add(app::kMaxPage), less = world.add(app::kMaxPage - 1);
    CHECK(world.page(exact, {}, app::kMaxPage).next_after);
    CHECK_FALSE(world.page(less, {}, app::kMaxPage).next_after);
}

TEST_CASE("read: a broadcast comes with the first of its messages", "[app][read]") {
    World world;
    const auto id = world.add(app::kDefaultPage + 1);
    const auto found = run(world.loop, world.read.get(world.anyone, id, world.deadline));
    REQUIRE(found.has_value());
    CHECK(found->broadcast.id == id);
    CHECK(found->messages.rows.size() == app::kDefaultPage);
    CHECK(found->messages.next_after);
    const auto unknown = run(world.loop, world.read.get(world.anyone, BroadcastId{new_uuid()}, world.deadline));
    CHECK(unknown.error() == Errc::not_found);
}

TEST_CASE("read and control: each needs its scope", "[app][read]") {
    World world;
    const auto id = world.add(1);
    const auto message = world.store.messages_by_id.front().id;
    const Caller writer{"writer", "default", {Scope::broadcasts_write}};
    const Caller reader{"reader", "default", {Scope::broadcasts_read}};
    CHECK(run(world.loop, world.read.list(writer, {}, 1, world.deadline)).error() == Errc::forbidden);
    CHECK(run(world.loop, world.read.get(writer, id, world.deadline)).error() == Errc::forbidden);
    CHECK(run(world.loop, world.read.messages(writer, {id, {}, {}, 1}, world.deadline)).error() == Errc::forbidden);
    CHECK(run(world.loop, world.read.message(writer, message, world.deadline)).error() == Errc::forbidden);
    CHECK(run(world.loop, world.read.message(reader, message, world.deadline)).has_value());

    const auto pause = BroadcastCommand::pause;
    CHECK(run(world.loop, world.control(reader, id, pause, world.deadline)).error() == Errc::forbidden);
    CHECK(world.store.broadcasts_by_age.front().status == BroadcastStatus::running);
    CHECK(run(world.loop, world.control(writer, id, pause, world.deadline)).value() == BroadcastStatus::paused);
}

TEST_CASE("read and control: each tenant has its own broadcasts", "[app][read]") {
    World world;
    const auto own = world.add(1), theirs = world.add(1);
    world.store.tenants[theirs] = "another";
    const auto message = world.store.messages_by_id.back().id;
    auto another = Caller::anyone();
    another.tenant = "another";
    const auto pause = BroadcastCommand::pause;

    CHECK(run(world.loop, world.read.get(world.anyone, theirs, world.deadline)).error() == Errc::not_found);
    CHECK(run(world.loop, world.read.message(world.anyone, message, world.deadline)).error() == Errc::not_found);
    CHECK(run(world.loop, world.control(world.anyone, theirs, pause, world.deadline)).error() == Errc::not_found);
    CHECK(world.store.broadcasts_by_age.back().status == BroadcastStatus::running);
    // What a query says of its tenant does not count.
    const MessageQuery query{theirs, {}, {}, 1, "another"};
    CHECK(run(world.loop, world.read.messages(world.anyone, query, world.deadline)).error() == Errc::not_found);
    CHECK(run(world.loop, world.read.messages(another, {theirs, {}, {}, 1}, world.deadline)).value().rows.size() == 1);

    for (const auto& [caller, id] : {std::pair(world.anyone, own), std::pair(another, theirs)}) {
        const auto listed = run(world.loop, world.read.list(caller, {}, 10, world.deadline));
        REQUIRE(listed.has_value());
        REQUIRE(listed->rows.size() == 1);
        CHECK(listed->rows.front().id == id);
        const auto shown = run(world.loop, world.read.get(caller, id, world.deadline));
        REQUIRE(shown.has_value());
        CHECK(shown->messages.rows.size() == 1);
    }
    CHECK(run(world.loop, world.read.message(another, message, world.deadline)).has_value());
    CHECK(run(world.loop, world.control(another, theirs, pause, world.deadline)).value() == BroadcastStatus::paused);
}
