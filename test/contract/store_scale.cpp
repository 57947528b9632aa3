#include "store_cases.hpp"
#include "store_driver.hpp"

#include <algorithm>
#include <random>

// A broadcast of ten thousand, through everything at once.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

MessageResult any_result(const TakenTicket& ticket, std::size_t place, std::mt19937& random) {
    switch (random() % 20) {
    case 0: return rejected(ticket, place);
    case 1: return uncertain(ticket, place);
    case 2: return not_sent(ticket, place);
    case 3: return throttled(ticket, place);
    case 4: return resend(ticket, place);
    default: return accepted(ticket, place);
    }
}

// Takes all that is due, records most of it in batches that cut across tickets, gives the rest back.
std::size_t work_off(StoreDriver& driver, std::mt19937& random) {
    auto taken = driver.take(driver.queue());
    std::vector<MessageResult> results;
    for (const auto& ticket : taken)
        for (std::size_t i = 0; i < ticket.messages.size(); ++i)
            if (random() % 10)
                results.push_back(any_result(ticket, i, random));
    std::shuffle(results.begin(), results.end(), random);
    for (std::size_t at = 0; at < results.size(); at += 500)
        driver.record({results.begin() + static_cast<std::ptrdiff_t>(at),
                       results.begin() + static_cast<std::ptrdiff_t>(std::min(at + 500, results.size()))});
    driver.give_back(refs(taken));
    return taken.size();
}

void sends_ten_thousand(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    std::mt19937 random(11);
    const std::vector<BroadcastId> ids{driver.create(10'000, 333), driver.create(777, 100), driver.create(61, 7)};
    for (int round = 0; work_off(driver, random) > 0; ++round) {
        std::vector<Receipt> receipts;
        for (const auto& message : driver.messages(ids[0], sent))
            if (random() % 2)
                receipts.push_back(receipt_of(message.id, random() % 5 != 0));
        driver.receive(receipts);
        driver.check_counts();
        REQUIRE(round < 60);
    }
    for (const auto& message : driver.messages(ids[0], unknown))
        driver.receive_one(receipt_of(message.id));
    for (const auto& id : {ids[1], ids[2]})
        for (const auto& message : driver.messages(id, unknown))
            driver.receive_one(receipt_of(message.id, false));
    driver.check_counts();
    CHECK(driver.complete() == 3);
    const auto load = driver.load();
    CHECK(load.queued_messages == 0);
    CHECK(driver.taken_messages() == 0);
    CHECK_FALSE(load.work_due);
    for (const auto& id : ids) {
        const auto counts = driver.get(id).counts;
        CHECK(counts[sent] + counts[delivered] + counts[failed] == driver.get(id).total);
    }
}

constexpr StoreCase kScaleCases[] = {
    {"ten thousand recipients, every outcome", sends_ten_thousand},
};

} // namespace

std::span<const StoreCase> store_scale_cases() {
    return kScaleCases;
}

} // namespace smsbcast::test
