#include "store_cases.hpp"

#include "store_driver.hpp"
#include <functional>

#include <algorithm>
#include <random>

// Several calls at once on the same messages. Whatever their order, nothing is lost and nothing counts twice.

namespace smsbcast::test {

namespace {

using enum MessageStatus;
using boost::asio::awaitable;

template <class T>
awaitable<Result<void>> only_whether(awaitable<Result<T>> call) {
    const auto result = co_await std::move(call);
    co_return result ? Result<void>() : Result<void>(result.error());
}

void run_at_once(StoreFixture& fixture, std::vector<awaitable<Result<void>>> calls) {
    for (const auto& result : fixture.run_all(std::move(calls)))
        CHECK(result.has_value());
}

void results_and_receipts(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    std::mt19937 random(7);
    for (int round = 0; round < 8; ++round) {
        const auto id = driver.create(120, 40);
        const auto taken = driver.take(driver.queue());
        std::vector<MessageResult> results;
        std::vector<Receipt> receipts;
        for (const auto& ticket : taken)
            for (std::size_t i = 0; i < ticket.messages.size(); ++i) {
                results.push_back(accepted(ticket, i));
                receipts.push_back(receipt_of(ticket.messages[i].id, i % 4 != 0));
            }
        std::vector<awaitable<Result<void>>> calls;
        for (int i = 0; i < 3; ++i) {
            std::shuffle(results.begin(), results.end(), random);
            std::shuffle(receipts.begin(), receipts.end(), random);
            calls.push_back(fixture.tickets().record(results, kResolve, fixture.deadline()));
            calls.push_back(only_whether(fixture.receipts().apply(receipts, fixture.deadline())));
            calls.push_back(only_whether(fixture.tickets().renew(refs(taken), kLong, fixture.deadline())));
        }
        run_at_once(fixture, std::move(calls));
        const auto counts = driver.get(id).counts;
        CHECK(counts[delivered] == 90);
        CHECK(counts[failed] == 30);
        driver.check_counts();
    }
    CHECK(driver.taken_messages() == 0);
}

void results_and_sweepers(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (int round = 0; round < 8; ++round) {
        const auto id = driver.create(60, 20);
        const auto taken = driver.take(driver.queue(), milliseconds(150));
        if (round % 2)
            driver.mark_in_flight(refs(taken));
        std::vector<awaitable<Result<void>>> calls;
        for (const auto& ticket : taken) {
            auto results = all_accepted(ticket);
            results[0] = not_sent(ticket, 0, kLong);
            calls.push_back(fixture.tickets().record(results, kResolve, fixture.deadline()));
        }
        for (int i = 0; i < 3; ++i)
            calls.push_back(only_whether(fixture.housekeeping().expire_leases(kResolve, fixture.deadline())));
        run_at_once(fixture, std::move(calls));
        driver.check_counts();
        driver.until([&] {
            driver.expire_leases();
            return driver.get(id).counts[sending] == 0;
        });
        driver.check_counts();
        driver.command(id, BroadcastCommand::cancel);
        driver.finish_cancels();
    }
}

/// How a broadcast is ended while others work on it.
struct Ending {
    std::function<void(StoreDriver&, BroadcastId)> begin;
    std::function<awaitable<Result<void>>(StoreFixture&)> sweep;
    std::function<void(StoreDriver&)> finish;
    BroadcastStatus last;
    MessageStatus of_what_waited;
};

// A third of it may have been sent, a third is on its way to the queue, and a third is being recorded.
void end_and_the_others(StoreFixture& fixture, const Ending& ending) {
    StoreDriver driver(fixture);
    for (int round = 0; round < 8; ++round) {
        const auto id = driver.create(90, 30);
        const auto first = driver.take(driver.queue());
        std::vector<MessageResult> results;
        for (std::size_t i = 0; i < 30; ++i)
            results.push_back(resend(first[0], i));
        driver.record(results);
        driver.give_back({first[1].ref});
        const auto waiting = refs(driver.claim());
        std::vector<Receipt> receipts;
        for (const auto& message : first[0].messages)
            receipts.push_back(receipt_of(message.id));
        ending.begin(driver, id);
        std::vector<awaitable<Result<void>>> calls;
        for (int i = 0; i < 2; ++i) {
            calls.push_back(ending.sweep(fixture));
            calls.push_back(only_whether(fixture.receipts().apply(receipts, fixture.deadline())));
            calls.push_back(fixture.outbox().mark_queued(waiting, fixture.deadline()));
            calls.push_back(only_whether(
                fixture.tickets().take(waiting, WorkerId{new_uuid()}, kLong, Handover::at_once, fixture.deadline())));
            calls.push_back(fixture.tickets().record(all_accepted(first[2]), kResolve, fixture.deadline()));
        }
        run_at_once(fixture, std::move(calls));
        driver.until([&] {
            ending.finish(driver);
            return driver.get(id).status == ending.last;
        });
        const auto counts = driver.get(id).counts;
        CHECK(counts[delivered] == 30);
        CHECK(counts[sent] == 30);
        CHECK(counts[ending.of_what_waited] == 30);
        driver.check_counts();
    }
}

void cancel_and_the_others(StoreFixture& fixture) {
    end_and_the_others(
        fixture, {.begin = [](StoreDriver& driver, BroadcastId id) { driver.command(id, BroadcastCommand::cancel); },
                  .sweep =
                      [](StoreFixture& store) {
                          return only_whether(store.housekeeping().finish_cancels(kResolve, StoreFixture::deadline()));
                      },
                  .finish = [](StoreDriver& driver) { driver.finish_cancels(); },
                  .last = BroadcastStatus::canceled,
                  .of_what_waited = canceled});
}

void expiry_and_the_others(StoreFixture& fixture) {
    end_and_the_others(fixture, {.begin = [](StoreDriver& driver, BroadcastId id) { driver.fixture().expire(id); },
                                 .sweep =
                                     [](StoreFixture& store) {
                                         return only_whether(store.housekeeping().expire_broadcasts(
                                             kResolve, StoreFixture::deadline()));
                                     },
                                 .finish =
                                     [](StoreDriver& driver) {
                                         driver.expire_broadcasts();
                                         driver.complete();
                                     },
                                 .last = BroadcastStatus::completed,
                                 .of_what_waited = expired});
}

// A receipt meets its message on its way from one ticket to the next.
void retries_and_receipts(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (int round = 0; round < 12; ++round) {
        const auto id = driver.create(60, 20);
        const auto taken = driver.take(driver.queue());
        std::vector<Receipt> receipts;
        std::vector<awaitable<Result<void>>> calls;
        for (const auto& ticket : taken) {
            std::vector<MessageResult> results;
            for (std::size_t i = 0; i < ticket.messages.size(); ++i) {
                results.push_back(resend(ticket, i));
                receipts.push_back(receipt_of(ticket.messages[i].id));
            }
            calls.push_back(fixture.tickets().record(results, kResolve, fixture.deadline()));
        }
        const std::vector<Receipt> first(receipts.begin(), receipts.begin() + 30);
        for (int i = 0; i < 3; ++i) {
            calls.push_back(only_whether(fixture.receipts().apply(first, fixture.deadline())));
            calls.push_back(only_whether(fixture.outbox().claim(1000, milliseconds(1), fixture.deadline())));
            calls.push_back(only_whether(fixture.receipts().apply(receipts, fixture.deadline())));
        }
        run_at_once(fixture, std::move(calls));
        driver.check_counts();
        CHECK(driver.get(id).counts[delivered] == 60);
        CHECK_FALSE(driver.load().work_due);
    }
}

// The provider's receipt comes again and again while its id is being noted.
void references_and_receipts(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (int round = 0; round < 12; ++round) {
        const auto id = driver.create(40, 20);
        const auto taken = driver.take(driver.queue());
        std::vector<Receipt> receipts;
        std::vector<awaitable<Result<void>>> calls;
        for (std::size_t t = 0; t < taken.size(); ++t) {
            const auto prefix = "r" + std::to_string(round) + "-" + std::to_string(t);
            auto results = all_accepted(taken[t], prefix);
            for (auto& result : results) {
                result.references = {*result.provider_id};
                receipts.push_back(receipt_by(*result.provider_id));
            }
            calls.push_back(fixture.tickets().record(results, kResolve, fixture.deadline()));
        }
        for (int i = 0; i < 4; ++i)
            calls.push_back(only_whether(fixture.receipts().apply(receipts, fixture.deadline())));
        run_at_once(fixture, std::move(calls));
        driver.check_counts();
        driver.until([&] {
            driver.match_inbox();
            return driver.get(id).counts[delivered] == 40;
        });
        driver.check_counts();
    }
}

constexpr StoreCase kRaceCases[] = {
    {"retries and receipts at once", retries_and_receipts},
    {"references and receipts at once", references_and_receipts},
    {"results and receipts at once", results_and_receipts},
    {"results and expiring leases at once", results_and_sweepers},
    {"canceling, receipts and results at once", cancel_and_the_others},
    {"expiry against results, receipts, takes and the relay", expiry_and_the_others},
};

} // namespace

std::span<const StoreCase> store_race_cases() {
    return kRaceCases;
}

} // namespace smsbcast::test
