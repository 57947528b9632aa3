#include "store_cases.hpp"
#include "store_rules.hpp"

// Every input of the rules of domain/message_rules.hpp for leases that run out, broadcasts that are over and messages
// whose time is up: the store does what the rule says.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

// ---- effect_of_lost_lease()

struct LeaseInput {
    TicketFacts ticket;
    bool flagged = false;
};

// No message of a first ticket that was never interrupted is flagged.
std::vector<LeaseInput> lease_inputs() {
    std::vector<LeaseInput> inputs;
    for (const bool is_first : kBooleans)
        for (const bool begun : kBooleans)
            for (const bool at_once : kBooleans)
                for (const bool interrupted : kBooleans)
                    for (const bool flagged : kBooleans)
                        if (!flagged || !is_first || interrupted)
                            inputs.push_back({{1, is_first, begun, at_once, interrupted}, flagged});
    return inputs;
}

TakenTicket taken_as(StoreDriver& driver, bool at_once) {
    const auto taken =
        driver.take_as(driver.worker(), driver.queue(), kHour, at_once ? Handover::at_once : Handover::after_mark);
    REQUIRE(taken.size() == 1);
    return taken.front();
}

void let_leases_end(StoreDriver& driver) {
    driver.fixture().pass(2 * kHour);
    driver.until([&] { return driver.expire_leases(4 * kHour) == 0; });
}

void check_lost_lease(StoreFixture& fixture, const LeaseInput& input) {
    const auto& [ticket, flagged] = input;
    INFO("first " << ticket.is_first << " begun " << ticket.begun << " at once " << ticket.at_once << " interrupted "
                  << ticket.interrupted << " flagged " << flagged);
    StoreDriver driver(fixture);
    const auto id = driver.create(1);
    if (!ticket.is_first)
        driver.record({throttled(driver.take_due())});
    if (ticket.interrupted) {
        taken_as(driver, true);
        let_leases_end(driver);
    }
    const auto taken = taken_as(driver, ticket.at_once);
    if (ticket.begun)
        driver.mark_in_flight({taken.ref});
    fixture.put(taken.messages[0].id, facts_of(pending), flagged);
    const auto before = driver.look(taken.messages[0].id);
    let_leases_end(driver);
    const auto after = driver.look(taken.messages[0].id);
    const auto effect = effect_of_lost_lease(ticket, flagged);
    CHECK(after.message.status == (effect == LostLease::unknown ? unknown : pending));
    CHECK(after.attempts.size() == before.attempts.size() + (effect == LostLease::again ? 0 : 1));
    if (effect != LostLease::again)
        CHECK(after.attempts.back().error == lost_attempt());
    if (effect == LostLease::unknown)
        CHECK(after.message.error == lost_attempt());
    driver.command(id, BroadcastCommand::pause); // out of the way
}

void lost_leases_have_their_effects(StoreFixture& fixture) {
    for (const auto& input : lease_inputs())
        check_lost_lease(fixture, input);
}

// ---- end_of_waiting()

void what_waits_ends_with_its_broadcast(StoreFixture& fixture) {
    for (const auto end : {canceled, expired})
        for (const bool interrupted : kBooleans)
            for (const bool maybe_sent : kBooleans)
                for (const auto* error_class : {"", "throttled"}) {
                    INFO(to_string(end) << " interrupted " << interrupted << " maybe sent " << maybe_sent << " error "
                                        << error_class);
                    StoreDriver driver(fixture);
                    const auto id = driver.create(1);
                    if (interrupted) {
                        taken_as(driver, true);
                        let_leases_end(driver);
                    }
                    auto facts = facts_of(pending, false, error_class);
                    facts.maybe_sent = maybe_sent;
                    fixture.put(driver.message_of(id), facts);
                    const auto before = driver.messages(id).at(0);
                    if (end == canceled) {
                        driver.command(id, BroadcastCommand::cancel);
                        driver.finish_cancels();
                    } else {
                        fixture.expire(id);
                        driver.expire_broadcasts();
                    }
                    const auto after = driver.messages(id).at(0);
                    const auto status = end_of_waiting(end, maybe_sent || interrupted);
                    CHECK(after.status == status);
                    CHECK(after.error ==
                          (status == unknown && !before.error ? std::optional(lost_attempt()) : before.error));
                }
}

// ---- end_of_unknown()

void unknown_messages_end_when_their_time_is_up(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (const auto* error_class : kClasses)
        for (const bool has_sent_at : kBooleans) {
            INFO(error_class << " sent_at " << has_sent_at);
            const auto id = driver.create(1);
            const auto facts = facts_of(unknown, has_sent_at, error_class);
            fixture.put(driver.message_of(id), facts);
            const auto before = driver.messages(id).at(0);
            fixture.pass(2 * kHour);
            driver.end_unresolved();
            const auto after = driver.messages(id).at(0);
            CHECK(after.status == end_of_unknown(facts));
            if (after.status == sent)
                CHECK(after.error == before.error);
            else if (before.error)
                CHECK(after.error ==
                      MessageError{before.error->code, std::string(kUnknownClass), std::string(kNoReceiptInTime)});
        }
}

constexpr StoreCase kEndingRuleCases[] = {
    {"rules: lost leases have their effects", lost_leases_have_their_effects},
    {"rules: what waits ends with its broadcast", what_waits_ends_with_its_broadcast},
    {"rules: unknown messages end when their time is up", unknown_messages_end_when_their_time_is_up},
};

} // namespace

std::span<const StoreCase> store_ending_rule_cases() {
    return kEndingRuleCases;
}

} // namespace smsbcast::test
