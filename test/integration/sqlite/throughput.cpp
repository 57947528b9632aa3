#include "sqlite_fixture.hpp"

#include <fmt/format.h>

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <random>

// Hidden: what each step costs a message, in batches as the roles make them. SMSBCAST_BENCH_RECIPIENTS, 200,000
// without.

namespace smsbcast::test {

namespace {

constexpr std::size_t kBatch = 500;

struct Usage {
    std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now();
    double cpu = [] {
        rusage used{};
        ::getrusage(RUSAGE_SELF, &used);
        const auto seconds = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
        };
        return seconds(used.ru_utime) + seconds(used.ru_stime);
    }();
};

std::string resident() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:"))
            return line.substr(6);
    return "?";
}

void measure(const std::string& what, std::size_t messages, const std::function<void()>& work) {
    const Usage before;
    work();
    const Usage after;
    const auto per = 1e6 / static_cast<double>(messages);
    const std::chrono::duration<double> wall = after.at - before.at;
    fmt::print("{:<24}{:>10} messages {:>8.2f} us wall {:>8.2f} us CPU  resident{}\n", what, messages,
               wall.count() * per, (after.cpu - before.cpu) * per, resident());
}

template <class T>
std::vector<T> slice(const std::vector<T>& all, std::size_t at, std::size_t size) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(at);
    return {first, first + static_cast<std::ptrdiff_t>(std::min(size, all.size() - at))};
}

template <class T>
auto must(Result<T> result) {
    REQUIRE(result.has_value());
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

std::size_t number_of(const char* variable, std::size_t otherwise) {
    const char* const given = std::getenv(variable);
    return given ? std::stoul(given) : otherwise;
}

std::vector<TicketRef> relay(SqliteFixture& fixture) {
    std::vector<TicketRef> queued;
    for (;;) {
        must(fixture.run(fixture.outbox().load(fixture.deadline())));
        const auto batch = refs(must(fixture.run(fixture.outbox().claim(kBatch, kLong * 30, fixture.deadline()))));
        if (batch.empty())
            return queued;
        queued.insert(queued.end(), batch.begin(), batch.end());
        must(fixture.run(fixture.outbox().mark_queued(batch, fixture.deadline())));
    }
}

// In the order in which answers come: a little mixed up, over several tickets.
std::vector<MessageResult> results_of(const std::vector<TakenTicket>& taken) {
    std::vector<MessageResult> results;
    for (const auto& ticket : taken)
        for (std::size_t i = 0; i < ticket.messages.size(); ++i)
            results.push_back(accepted(ticket, i, "01890a5d-ac96-774b-bcce-b302099a8057"));
    std::mt19937 random(1);
    for (std::size_t i = 0; i + 64 < results.size(); ++i)
        std::swap(results[i], results[i + random() % 64]);
    return results;
}

// Phones answer when they like.
std::vector<Receipt> receipts_of(const std::vector<TakenTicket>& taken) {
    std::vector<Receipt> receipts;
    for (const auto& ticket : taken)
        for (const auto& message : ticket.messages)
            receipts.push_back(receipt_of(message.id, true, "01890a5d-ac96-774b-bcce-b302099a8057"));
    std::mt19937 random(2);
    const std::size_t window = number_of("SMSBCAST_BENCH_SHUFFLE", 2'000);
    for (std::size_t i = 0; i + window < receipts.size(); ++i)
        std::swap(receipts[i], receipts[i + random() % window]);
    return receipts;
}

void look(SqliteFixture& fixture, BroadcastId id, const char* when) {
    measure(fmt::format("  get, {}", when), 100, [&] {
        for (int i = 0; i < 100; ++i)
            must(fixture.run(fixture.broadcasts().get(kTenant, id, fixture.deadline())));
    });
}

} // namespace

TEST_CASE("what a message costs the embedded store", "[.][sqlite][bench]") {
    SqliteFixture fixture;
    const auto count = number_of("SMSBCAST_BENCH_RECIPIENTS", 200'000);
    NewBroadcast broadcast{BroadcastId{new_uuid()}, std::nullopt, "a text", {}, 100};
    for (std::size_t i = 0; i < count; ++i)
        broadcast.recipients.push_back(PhoneNumber::from_digits(66810000000 + i));
    const auto id = broadcast.id;
    measure("create", count,
            [&] { must(fixture.run(create(fixture.broadcasts(), std::move(broadcast), fixture.deadline()))); });
    look(fixture, id, "pending");
    std::vector<TicketRef> queued;
    measure("load, claim, mark", count, [&] { queued = relay(fixture); });
    std::vector<TakenTicket> taken;
    measure("take", count, [&] {
        for (std::size_t at = 0; at < queued.size(); at += 5)
            for (auto& ticket : must(fixture.run(fixture.tickets().take(
                     slice(queued, at, 5), WorkerId{new_uuid()}, kLong * 30, Handover::at_once, fixture.deadline()))))
                taken.push_back(std::move(ticket));
    });
    look(fixture, id, "sending");
    const auto results = results_of(taken);
    measure("record", results.size(), [&] {
        for (std::size_t at = 0; at < results.size(); at += kBatch)
            must(fixture.run(fixture.tickets().record(slice(results, at, kBatch), kLong, fixture.deadline())));
    });
    const auto receipts = receipts_of(taken);
    measure("apply receipts", receipts.size(), [&] {
        for (std::size_t at = 0; at < receipts.size(); at += kBatch)
            must(fixture.run(fixture.receipts().apply(slice(receipts, at, kBatch), fixture.deadline())));
    });
    look(fixture, id, "delivered");
    const auto found = must(fixture.run(fixture.broadcasts().get(kTenant, id, fixture.deadline())));
    CHECK(found.counts[MessageStatus::delivered] == static_cast<std::int64_t>(count));
}

} // namespace smsbcast::test
