#include "smsbcast/app/create_broadcast.hpp"
#include "support/app_fake_broadcast_store.hpp"

using namespace smsbcast;
using namespace smsbcast::test;
using app::BroadcastLimits;
using app::CreateBroadcast;
using app::CreatedBroadcast;
using app::CreateErrors;
using app::RecipientList;

namespace {

const Caller kAnyone = Caller::anyone();

struct CreateWorld {
    Loop loop;
    Script script{loop.io};
    FakeBroadcastStore store{script};
    BroadcastLimits limits{.max_recipients = 5, .max_message_chars = 10, .ticket_size = 7};
    CreateBroadcast create{store, limits};

    CreateBroadcast::Output operator()(std::optional<std::string> message, std::vector<std::string> recipients,
                                       std::optional<std::string> name = std::nullopt) {
        CreateBroadcast::Input input{std::move(name), std::move(message), RecipientList(limits.max_recipients)};
        for (const auto& text : recipients)
            input.recipients.add(text);
        return run(loop, create(kAnyone, std::move(input), loop.clock.in(std::chrono::seconds(1))));
    }
};

const std::vector<std::string> kTwo{"+66812345678", "+66812345679"};

} // namespace

TEST_CASE("create: stores the numbers once and in order, and tells what it did", "[app][create]") {
    CreateWorld world;
    const auto output = world("Hello", {"+66812345678", "+66812345679", "+66812345678"}, "spring");
    const auto& created = std::get<CreatedBroadcast>(output);
    REQUIRE(world.store.created.size() == 1);
    const auto& stored = world.store.created.front();
    CHECK(created.id == stored.id);
    CHECK_FALSE(stored.id.value.is_nil());
    CHECK(created.status == BroadcastStatus::running);
    CHECK(created.total == 2);
    CHECK(created.duplicates_removed == 1);
    CHECK(stored.text == "Hello");
    CHECK(stored.name == "spring");
    CHECK(stored.ticket_size == 7);
    REQUIRE(stored.recipients.size() == 2);
    CHECK(stored.recipients[0].text() == "+66812345678");
}

TEST_CASE("create: many recipients go into the store by pieces of whole tickets", "[app][create]") {
    const int ticket_size = GENERATE(7, 300, 1000);
    const auto count = static_cast<std::size_t>(GENERATE(9'999, 10'000, 10'001, 25'001));
    CAPTURE(ticket_size, count);
    CreateWorld world;
    CreateBroadcast create(world.store, {.max_recipients = count, .max_message_chars = 10, .ticket_size = ticket_size});
    CreateBroadcast::Input input{std::nullopt, "Hello", RecipientList(count)};
    for (std::size_t i = 0; i < count; ++i)
        input.recipients.add("+6681" + std::to_string(1'000'000 + i));
    const auto output =
        run(world.loop, create(kAnyone, std::move(input), world.loop.clock.in(std::chrono::seconds(1))));
    CHECK(std::get<CreatedBroadcast>(output).total == static_cast<std::int64_t>(count));
    REQUIRE(world.store.created.size() == 1);
    const auto& stored = world.store.created.front();
    REQUIRE(stored.recipients.size() == count);
    for (std::size_t i = 0; i < count; ++i)
        REQUIRE(stored.recipients[i].digits() == 66'811'000'000 + i);
    for (std::size_t piece = 0; piece + 1 < stored.pieces.size(); ++piece)
        CHECK(stored.pieces[piece] % static_cast<std::size_t>(ticket_size) == 0);
}

TEST_CASE("create: every mistake is told at once, and nothing is stored", "[app][create]") {
    CreateWorld world;
    const auto output = world("more than ten characters", {"+66812345678", "x", "+1"}, "");
    const auto& errors = std::get<CreateErrors>(output);
    CHECK(errors.message == TextError::too_long);
    CHECK(errors.name == TextError::empty);
    CHECK(errors.bad_count == 2);
    REQUIRE(errors.bad.size() == 2);
    CHECK(errors.bad[0].index == 1);
    CHECK(errors.bad[1].index == 2);
    CHECK_FALSE(errors.message_missing);
    CHECK_FALSE(errors.recipients_empty);
    CHECK(world.store.created.empty());
}

TEST_CASE("create: each mistake alone is enough", "[app][create]") {
    CreateWorld world;
    const auto errors = [&](auto... input) { return std::get<CreateErrors>(world(input...)); };
    CHECK(errors(std::nullopt, kTwo).message_missing);
    CHECK(errors("", kTwo).message == TextError::empty);
    CHECK(errors("Hello", std::vector<std::string>{}).recipients_empty);
    CHECK(errors("Hello", std::vector<std::string>(6, "+66812345678")).too_many_recipients);
    CHECK(errors("Hello", std::vector<std::string>{"+66"}).bad_count == 1);
    CHECK(errors("Hello", kTwo, std::string(201, 'n')).name == TextError::too_long);
    CHECK(world.store.created.empty());
    CHECK_FALSE(CreateErrors{}.any());
}

TEST_CASE("create: a list of which nothing was a text is an empty one", "[app][create]") {
    CreateWorld world;
    CreateBroadcast::Input input{std::nullopt, "Hello", RecipientList(5)};
    input.recipients.skip();
    const auto output =
        run(world.loop, world.create(kAnyone, std::move(input), world.loop.clock.in(std::chrono::seconds(1))));
    CHECK(std::get<CreateErrors>(output).recipients_empty);
}

TEST_CASE("create: a deadline is stored, if it is one", "[app][create]") {
    CreateWorld world;
    const auto post = [&](Timestamp expires_at) {
        CreateBroadcast::Input input{std::nullopt, "Hello", RecipientList(5), expires_at};
        input.recipients.add("+66812345678");
        return run(world.loop, world.create(kAnyone, std::move(input), world.loop.clock.in(std::chrono::seconds(1))));
    };
    const auto now = wall_clock();
    CHECK(std::get<CreateErrors>(post(now)).expires_at == ExpiryError::in_the_past);
    CHECK(std::get<CreateErrors>(post(now + kMaxExpiry + std::chrono::hours(1))).expires_at == ExpiryError::too_far);
    CHECK(world.store.created.empty());
    const auto soon = now + std::chrono::hours(1);
    CHECK(std::holds_alternative<CreatedBroadcast>(post(soon)));
    REQUIRE(world.store.created.size() == 1);
    CHECK(world.store.created.front().expires_at == soon);
    world("Hello", kTwo);
    CHECK_FALSE(world.store.created.back().expires_at);
}

TEST_CASE("create: what the store says goes up unchanged", "[app][create]") {
    CreateWorld world;
    world.script.fail_call(1, Fault::done);
    CHECK(std::get<app::NotCreated>(world("Hello", kTwo)).error == Errc::uncertain);
}

TEST_CASE("create: without its scope nothing is stored", "[app][create]") {
    CreateWorld world;
    const Caller reader{"reader", "default", {Scope::broadcasts_read}};
    CreateBroadcast::Input input{std::nullopt, "Hello", RecipientList(5)};
    input.recipients.add("+66812345678");
    const auto output =
        run(world.loop, world.create(reader, std::move(input), world.loop.clock.in(std::chrono::seconds(1))));
    CHECK(std::get<app::NotCreated>(output).error == Errc::forbidden);
    CHECK(world.store.created.empty());
}

TEST_CASE("create: a broadcast is of the caller's tenant", "[app][create]") {
    CreateWorld world;
    auto another = Caller::anyone();
    another.tenant = "another";
    CreateBroadcast::Input input{std::nullopt, "Hello", RecipientList(5)};
    input.recipients.add("+66812345678");
    run(world.loop, world.create(another, std::move(input), world.loop.clock.in(std::chrono::seconds(1))));
    world("Hello", kTwo);
    REQUIRE(world.store.created.size() == 2);
    CHECK(world.store.created.front().tenant == "another");
    CHECK(world.store.created.back().tenant == "default");
}
