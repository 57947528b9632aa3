#include "store_rules.hpp"
#include "store_cases.hpp"

#include <algorithm>

// Every input of the rules of domain/message_rules.hpp for results and receipts: the store does what the rule says.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

constexpr auto kStored = {pending, sent, unknown, delivered, failed, canceled, expired, suppressed};

// ---- effect_of_result()

struct ResultInput {
    MessageFacts facts;
    bool held = false;
    MessageResult (*result)(const TakenTicket&, std::size_t) = nullptr;
};

const auto kResults = {
    +[](const TakenTicket& ticket, std::size_t place) { return accepted(ticket, place, "p-" + std::to_string(place)); },
    +[](const TakenTicket& ticket, std::size_t place) { return rejected(ticket, place); },
    +[](const TakenTicket& ticket, std::size_t place) { return uncertain(ticket, place); },
    +[](const TakenTicket& ticket, std::size_t place) { return unidentified(ticket, place); },
    +[](const TakenTicket& ticket, std::size_t place) { return not_sent(ticket, place); }};

std::vector<ResultInput> result_inputs() {
    std::vector<ResultInput> inputs;
    for (const auto status : kStored)
        for (const bool has_sent_at : kBooleans)
            for (const auto* error_class : kClasses)
                for (const bool held : kBooleans)
                    for (const auto result : kResults)
                        inputs.push_back({facts_of(status, has_sent_at, error_class), held, result});
    return inputs;
}

void check_result(const ResultInput& input, const MessageResult& result, const Message& before, const Message& after) {
    const auto& verdict = result.verdict;
    const auto effect = effect_of_result(verdict, input.facts, input.held);
    INFO(to_string(input.facts.status) << " sent_at " << input.facts.has_sent_at << " error " << input.facts.error_class
                                       << " held " << input.held << " step " << static_cast<int>(verdict.step)
                                       << " effect " << static_cast<int>(effect));
    const bool changes_status = effect == ResultEffect::leaves || effect == ResultEffect::resolves;
    const auto status = verdict.step == NextStep::retry ? pending : status_after(verdict.step);
    const bool waits_still = before.status == sending && !changes_status;
    CHECK(after.status == (changes_status ? status : waits_still ? sending : before.status));
    CHECK(after.error == (changes_status ? verdict.error : before.error));
    CHECK(after.attempts == (effect == ResultEffect::none ? before.attempts : verdict.attempts));
    const bool is_sent = effect != ResultEffect::none && was_taken(verdict);
    CHECK(after.sent_at.has_value() == (before.sent_at.has_value() || is_sent));
    CHECK(after.provider_id == (effect == ResultEffect::none ? before.provider_id : result.provider_id));
}

// A result is not held where it is of an earlier attempt.
void results_have_their_effects(StoreFixture& fixture) {
    const auto inputs = result_inputs();
    constexpr std::size_t kTicket = 1000;
    for (std::size_t begin = 0; begin < inputs.size(); begin += kTicket) {
        StoreDriver driver(fixture);
        const auto count = std::min(kTicket, inputs.size() - begin);
        const auto id = driver.create(static_cast<int>(count), static_cast<int>(kTicket));
        const auto ticket = driver.take_due();
        std::vector<MessageResult> results;
        for (std::size_t place = 0; place < count; ++place) {
            const auto& input = inputs[begin + place];
            fixture.put(ticket.messages[place].id, input.facts);
            results.push_back(input.result(ticket, place));
            results.back().ticket.fence -= input.held ? 0 : 1;
        }
        const auto before = driver.messages(id);
        driver.record(results);
        const auto after = driver.messages(id);
        for (std::size_t place = 0; place < count; ++place)
            check_result(inputs[begin + place], results[place], before[place], after[place]);
        driver.check_counts();
        driver.command(id, BroadcastCommand::pause); // out of the way
    }
}

// ---- belongs_in_history()

void history_tells_of_what_belongs_there(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (const auto* before : {"", "throttled", "not_sent"})
        for (const int more : {0, 1})
            for (const auto* error_class : {"", "throttled", "not_sent"}) {
                INFO("before " << before << " attempts +" << more << " now " << error_class);
                driver.create(1);
                const auto ticket = driver.take_due();
                const auto facts = facts_of(pending, false, before);
                fixture.put(ticket.messages[0].id, facts);
                auto result = *error_class ? throttled(ticket, 0, kHour) : accepted(ticket, 0);
                result.verdict.attempts = more;
                if (*error_class)
                    result.verdict.error->error_class = error_class;
                driver.record({result});
                CHECK(driver.look(ticket.messages[0].id).attempts.size() ==
                      (belongs_in_history(result.verdict, facts) ? 1 : 0));
            }
}

// ---- was_refused_before()

void taken_messages_know_what_was_said_of_them(StoreFixture& fixture) {
    for (const auto* error_class : kClasses) {
        INFO(error_class);
        StoreDriver driver(fixture);
        const auto id = driver.create(1);
        const auto facts = facts_of(pending, false, error_class);
        fixture.put(driver.message_of(id), facts);
        CHECK(driver.take_due().messages.at(0).refused_before == was_refused_before(facts));
    }
}

// ---- effect_of_receipt(), shows_older_copy()

/// Four messages that wait in a ticket of its own, the last thing that the store was given.
struct Waiting {
    BroadcastId broadcast;
    std::vector<Message> messages;
};

Waiting waiting_in(StoreDriver& driver, const TicketFacts& ticket) {
    Waiting waiting;
    waiting.broadcast = driver.create(4);
    if (!ticket.is_first) {
        const auto first = driver.take_due();
        driver.record({throttled(first, 0), throttled(first, 1), throttled(first, 2), throttled(first, 3)});
    }
    if (ticket.fence > 0)
        driver.take_due();
    waiting.messages = driver.messages(waiting.broadcast);
    return waiting;
}

void check_receipts(StoreFixture& fixture, MessageStatus status, std::string_view error_class, bool good,
                    const TicketFacts& ticket) {
    INFO(to_string(status) << " error " << error_class << " delivered " << good << " ticket's attempt " << ticket.fence
                           << " first " << ticket.is_first);
    StoreDriver driver(fixture);
    driver.end_hold(); // of the receipts before
    const auto [broadcast, messages] = waiting_in(driver, ticket);
    std::vector<MessageFacts> facts(messages.size(), facts_of(status, false, error_class));
    std::vector<Receipt> receipts;
    for (std::size_t place = 0; place < messages.size(); ++place) {
        facts[place].attempts = place & 1 ? 1 : 0;
        facts[place].maybe_sent = (place & 2) != 0;
        fixture.put(messages[place].id, facts[place]);
        receipts.push_back(receipt_of(messages[place].id, good));
    }
    const auto before = driver.messages(broadcast);
    const auto outcomes = driver.receive(receipts);
    const auto after = driver.messages(broadcast);
    for (std::size_t place = 0; place < messages.size(); ++place) {
        CAPTURE(place);
        const auto outcome = effect_of_receipt(good, facts[place], status == pending ? ticket : TicketFacts{});
        CHECK(outcomes[place] == outcome);
        const auto next = good ? delivered : failed;
        CHECK(after[place].status == (outcome == ReceiptOutcome::applied ? next : before[place].status));
        if (outcome == ReceiptOutcome::applied)
            CHECK(after[place].error == (good ? std::nullopt : std::optional(not_delivered("E1"))));
    }
    CHECK(driver.held().has_value() == shows_older_copy(facts.front(), ticket));
    driver.command(broadcast, BroadcastCommand::pause); // out of the way
}

void receipts_have_their_effects(StoreFixture& fixture) {
    for (const auto status : kStored)
        for (const bool good : kBooleans)
            for (const bool is_first : kBooleans)
                for (const int attempt : {0, 1}) {
                    TicketFacts ticket;
                    ticket.fence = attempt;
                    ticket.is_first = is_first;
                    for (const auto* error_class : kClasses)
                        if (status == failed || *error_class == '\0')
                            check_receipts(fixture, status, error_class, good, ticket);
                }
}

// ---- inbox_pause()

// The shorter ones are over before anything could be asked.
void receipts_wait_for_their_message(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto tries = [&] {
        const auto image = fixture.image();
        const auto at = std::ranges::find_if(image.lines, [](const auto& line) { return line.starts_with("receipt"); });
        return at == image.lines.end() ? std::string() : at->substr(0, at->find(" message"));
    };
    driver.receive({receipt_of(MessageId{new_uuid()})});
    constexpr milliseconds kMargin{60'000};
    fixture.pass(kMargin);
    driver.match_inbox();
    for (int tried = 1; tried < 14; ++tried) {
        CAPTURE(tried);
        const auto pause = inbox_pause(tried - 1);
        if (pause > 2 * kMargin) {
            fixture.pass(pause - kMargin);
            driver.match_inbox();
        }
        CHECK(tries() == "receipt tries=" + std::to_string(tried));
        fixture.pass(pause > 2 * kMargin ? kMargin : pause + kMargin);
        driver.match_inbox();
        CHECK(tries() == "receipt tries=" + std::to_string(tried + 1));
    }
}

constexpr StoreCase kRuleCases[] = {
    {"rules: results have their effects", results_have_their_effects},
    {"rules: the history tells of what belongs there", history_tells_of_what_belongs_there},
    {"rules: taken messages know what was said of them", taken_messages_know_what_was_said_of_them},
    {"rules: receipts have their effects", receipts_have_their_effects},
    {"rules: receipts wait for their message", receipts_wait_for_their_message},
};

} // namespace

std::span<const StoreCase> store_rule_cases() {
    return kRuleCases;
}

} // namespace smsbcast::test
