#include "store_cases.hpp"
#include "store_driver.hpp"

#include <algorithm>
#include <array>
#include <map>

// Broadcasts of several tenants in one store: each is there for its own tenant, and for nobody else.

namespace smsbcast::test {

namespace {

const std::string kOtherTenant = "another";

constexpr std::array kCommandsInTurn{BroadcastCommand::pause, BroadcastCommand::resume, BroadcastCommand::cancel};

using OfTenants = std::map<std::string, std::vector<BroadcastId>>; ///< newest first

/// In each turn every tenant makes one, in the order given; ids ascend over all of them.
OfTenants make_in_turns(StoreFixture& fixture, const std::vector<std::string>& tenants, int turns) {
    OfTenants made;
    UuidBlock ids;
    std::uint64_t phone = 66810000001;
    for (int turn = 0; turn < turns; ++turn) {
        for (const auto& tenant : tenants) {
            NewBroadcast broadcast{BroadcastId{ids.next()}, "a name", "a text", {}, 100};
            broadcast.recipients.push_back(PhoneNumber::from_digits(phone++));
            broadcast.tenant = tenant;
            auto& own = made[tenant];
            own.insert(own.begin(), broadcast.id);
            REQUIRE(fixture.run(create(fixture.broadcasts(), broadcast, fixture.deadline())).has_value());
        }
    }
    return made;
}

std::vector<BroadcastId> tenant_page(StoreFixture& fixture, const std::string& tenant,
                                     std::optional<BroadcastId> before, int limit) {
    const auto page = fixture.run(fixture.broadcasts().list(tenant, before, limit, fixture.deadline()));
    REQUIRE(page.has_value());
    CHECK(page->size() <= static_cast<std::size_t>(limit));
    std::vector<BroadcastId> ids;
    for (const auto& broadcast : *page)
        ids.push_back(broadcast.id);
    return ids;
}

std::vector<BroadcastId> tenant_pages(StoreFixture& fixture, const std::string& tenant, int limit) {
    std::vector<BroadcastId> all;
    std::optional<BroadcastId> before;
    for (;;) {
        const auto page = tenant_page(fixture, tenant, before, limit);
        if (page.empty())
            return all;
        all.insert(all.end(), page.begin(), page.end());
        before = page.back();
    }
}

void expect_nothing_read(StoreFixture& fixture, const std::string& tenant, BroadcastId id, MessageId message) {
    INFO("as \"" << tenant << "\"");
    auto& store = fixture.broadcasts();
    CHECK(fixture.run(store.get(tenant, id, fixture.deadline())).error() == Errc::not_found);
    CHECK(fixture.run(store.message(tenant, message, fixture.deadline())).error() == Errc::not_found);
    std::vector<std::optional<MessageStatus>> filters{std::nullopt};
    filters.insert(filters.end(), kMessageStatuses.begin(), kMessageStatuses.end());
    for (const auto& status : filters) {
        MessageQuery query{id, status, std::nullopt, 1000, tenant};
        CHECK(fixture.run(store.messages(query, fixture.deadline())).error() == Errc::not_found);
        query.after = message;
        CHECK(fixture.run(store.messages(query, fixture.deadline())).error() == Errc::not_found);
    }
    const auto listed = tenant_page(fixture, tenant, std::nullopt, 1000);
    CHECK(std::ranges::find(listed, id) == listed.end());
}

void is_there_for_its_tenant_alone(StoreFixture& fixture) {
    StoreDriver driver(fixture), another(fixture, kOtherTenant);
    const auto id = driver.create(3), theirs = another.create(2);
    const auto message = driver.message_of(id);
    for (const auto& tenant : {kOtherTenant, std::string("nobody"), std::string()})
        expect_nothing_read(fixture, tenant, id, message);
    expect_nothing_read(fixture, kTenant, theirs, another.message_of(theirs));
    CHECK(driver.get(id).total == 3);
    CHECK(driver.look(message).message.broadcast == id);
    CHECK(another.get(theirs).total == 2);
    CHECK(another.messages(theirs).size() == 2);
}

// A message that failed has attempts, which say more of it than any of its columns.
void keeps_attempts_from_others(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(1);
    driver.record({rejected(driver.take_due())});
    const auto message = driver.message_of(id);
    REQUIRE(driver.look(message).attempts.size() == 1);
    expect_nothing_read(fixture, kOtherTenant, id, message);
}

void takes_no_command_of_others(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3, 2);
    const auto others_try = [&] {
        const auto before = fixture.image().lines;
        const auto status = driver.get(id).status;
        for (const auto command : kCommandsInTurn) {
            INFO(to_string(command) << " of " << to_string(status));
            auto call = fixture.broadcasts().command(kOtherTenant, id, command, fixture.deadline());
            CHECK(fixture.run(std::move(call)).error() == Errc::not_found); // also where its own has a conflict
        }
        CHECK(driver.get(id).status == status);
        CHECK(fixture.image().lines == before);
    };
    others_try();
    for (const auto command : kCommandsInTurn) {
        driver.command(id, command);
        others_try();
    }
    driver.finish_cancels();
    REQUIRE(driver.get(id).status == BroadcastStatus::canceled);
    others_try();
}

// The names stand beside one another in any order of texts, and some begin with another one.
void lists_each_its_own(StoreFixture& fixture) {
    const auto made = make_in_turns(fixture, {"a", "a-", "a0", "aa", "b", kTenant}, 5);
    for (const auto& [tenant, ids] : made) {
        for (const int limit : {1, 2, 5, 6, 1000}) {
            INFO(tenant << ", " << limit << " a page");
            CHECK(tenant_pages(fixture, tenant, limit) == ids);
        }
    }
    for (const std::string tenant : {"", "A", "a1", "a_", "ab", "c", "defaul", "default0"}) {
        INFO("as \"" << tenant << "\"");
        CHECK(tenant_page(fixture, tenant, std::nullopt, 1000).empty());
    }
}

void goes_on_from_anywhere(StoreFixture& fixture) {
    const auto made = make_in_turns(fixture, {kTenant, kOtherTenant}, 4);
    const auto& own = made.at(kTenant);
    const auto& theirs = made.at(kOtherTenant);
    for (std::size_t place = 0; place < theirs.size(); ++place) {
        const std::vector older(own.begin() + static_cast<std::ptrdiff_t>(place), own.end());
        CHECK(tenant_page(fixture, kTenant, theirs[place], 1000) == older);
        CHECK(tenant_page(fixture, "nobody", theirs[place], 1000).empty());
    }
    StoreDriver driver(fixture), another(fixture, kOtherTenant);
    const auto id = driver.create(5), other = another.create(5);
    const auto messages = driver.messages(id);
    for (const auto& cursor : another.messages(other)) {
        const auto later = [&](const Message& message) { return message.id > cursor.id; };
        const MessageQuery query{id, std::nullopt, cursor.id, 1000, kTenant};
        const auto page = fixture.run(fixture.broadcasts().messages(query, fixture.deadline()));
        REQUIRE(page.has_value());
        CHECK(page->size() == static_cast<std::size_t>(std::ranges::count_if(messages, later)));
        CHECK(std::ranges::all_of(*page, [&](const Message& message) { return message.broadcast == id; }));
    }
}

void stays_whose_it_is(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(2);
    NewBroadcast again{id, "theirs", "a text", {PhoneNumber::from_digits(66819999999)}, 100};
    again.tenant = kOtherTenant;
    const auto outcome = fixture.run(take_in(fixture.broadcasts(), again, fixture.deadline()));
    CHECK(outcome.value() == IntakeOutcome::done_before);
    CHECK(driver.get(id).name == "a name");
    CHECK(driver.get(id).total == 2);
    expect_nothing_read(fixture, kOtherTenant, id, driver.message_of(id));
}

void sends_for_all_alike(StoreFixture& fixture) {
    StoreDriver driver(fixture), another(fixture, kOtherTenant);
    const auto id = driver.create(2), theirs = another.create(3);
    const auto taken = driver.take(driver.queue());
    CHECK(taken.size() == 2);
    for (const auto& ticket : taken)
        driver.record(all_accepted(ticket));
    CHECK(driver.get(id).counts[MessageStatus::sent] == 2);
    CHECK(another.get(theirs).counts[MessageStatus::sent] == 3);
    CHECK(driver.complete() == 2);
    CHECK(another.get(theirs).status == BroadcastStatus::completed);
}

constexpr StoreCase kTenantCases[] = {
    {"a broadcast is there for its own tenant alone", is_there_for_its_tenant_alone},
    {"attempts are told to the tenant of their message alone", keeps_attempts_from_others},
    {"no command of another tenant changes a broadcast", takes_no_command_of_others},
    {"each tenant pages through its own broadcasts", lists_each_its_own},
    {"a page goes on from an id of another tenant, and tells nothing of it", goes_on_from_anywhere},
    {"a broadcast stays whose it is", stays_whose_it_is},
    {"what is sent is sent for all tenants", sends_for_all_alike},
};

} // namespace

std::span<const StoreCase> store_tenant_cases() {
    return kTenantCases;
}

} // namespace smsbcast::test
