// What the PostgreSQL stores cost a message: wall time and the server's CPU, in batches as the roles make them.
//
//   DATABASE_URL=… store_bench [RECIPIENTS]       1,000,000 by default; the server must run on this machine
//
// It works in a schema of its own, which it drops.

#include "integration/postgres/pg_server.hpp"
#include "support/new_broadcast.hpp"

#include "smsbcast/adapters/postgres/postgres.hpp"

#include <boost/asio/co_spawn.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <random>
#include <sstream>

namespace smsbcast::test {

namespace pg = adapters::postgres;
using boost::asio::awaitable;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kBatch = 500;
constexpr std::chrono::minutes kLease{30};

Deadline soon() {
    return Deadline::after(std::chrono::minutes(10));
}

/// Seconds of CPU of every process of the server, its helpers included.
double server_cpu(PgAdmin& admin) {
    double ticks = 0;
    for (const auto& row : admin.query("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")) {
        std::ifstream file("/proc/" + row.at(0) + "/stat");
        std::string text((std::istreambuf_iterator<char>(file)), {});
        const auto name_end = text.rfind(')');
        if (name_end == std::string::npos)
            continue;
        std::istringstream fields(text.substr(name_end + 1));
        std::string skipped;
        for (int i = 0; i < 11; ++i)
            fields >> skipped;
        double user = 0, system = 0;
        fields >> user >> system;
        ticks += user + system;
    }
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

struct Bench {
    explicit Bench(std::size_t recipients) : count(recipients) {
        pg::PostgresParams params;
        params.url = database_url();
        params.schema = schema.name();
        database = pg::make_database(io, params);
        params.synchronous_commit = false;
        relay_database = pg::make_database(io, params);
        broadcasts = pg::make_broadcast_store(database);
        outbox = pg::make_outbox(relay_database);
        tickets = pg::make_ticket_store(database);
        receipts = pg::make_receipt_store(database);
    }

    template <class T>
    T run(awaitable<Result<T>> task) {
        std::optional<Result<T>> value;
        boost::asio::co_spawn(io, into(std::move(task), value), [](const std::exception_ptr& failure) {
            if (failure)
                std::rethrow_exception(failure);
        });
        io.restart();
        while (!value)
            io.run_one();
        if constexpr (!std::is_void_v<T>)
            return std::move(value->value());
        else
            value->value();
    }
    template <class T>
    static awaitable<void> into(awaitable<Result<T>> task, std::optional<Result<T>>& value) {
        value.emplace(co_await std::move(task));
    }

    void measure(const std::string& what, std::size_t messages, const std::function<void()>& work) {
        const auto cpu = server_cpu(admin);
        const auto begun = Clock::now();
        work();
        const std::chrono::duration<double> wall = Clock::now() - begun;
        const auto per = 1e6 / static_cast<double>(messages);
        fmt::print("{:<34}{:>10}{:>10.2f}{:>10.2f}{:>12.0f}\n", what, messages, wall.count() * per,
                   (server_cpu(admin) - cpu) * per, static_cast<double>(messages) / wall.count());
        std::fflush(stdout);
    }

    void create();
    void relay();
    void take();
    void record();
    void receive();
    void look(const char* when);

    std::size_t count;
    boost::asio::io_context io{1};
    PgSchema schema;
    PgAdmin admin{schema.name()};
    std::shared_ptr<pg::Database> database, relay_database;
    std::unique_ptr<BroadcastStore> broadcasts;
    std::unique_ptr<Outbox> outbox;
    std::unique_ptr<TicketStore> tickets;
    std::unique_ptr<ReceiptStore> receipts;
    BroadcastId id{new_uuid()};
    std::vector<TicketRef> queued;
    std::vector<TakenTicket> taken;
};

void Bench::create() {
    NewBroadcast broadcast{id, std::nullopt, "a text", {}, 100};
    for (std::size_t i = 0; i < count; ++i)
        broadcast.recipients.push_back(PhoneNumber::from_digits(66810000000 + i));
    measure("create (COPY)", count, [&] { run(test::create(*broadcasts, std::move(broadcast), soon())); });
}

void Bench::relay() {
    measure("relay: load, claim, mark", count, [&] {
        for (;;) {
            run(outbox->load(soon()));
            std::vector<TicketRef> batch;
            for (const auto& ticket : run(outbox->claim(kBatch, kLease, soon())))
                batch.push_back(ticket.ref);
            if (batch.empty())
                return;
            queued.insert(queued.end(), batch.begin(), batch.end());
            run(outbox->mark_queued(std::move(batch), soon()));
        }
    });
}

void Bench::take() {
    const WorkerId worker{new_uuid()};
    measure("take", count, [&] {
        for (std::size_t at = 0; at < queued.size(); at += 5) {
            const auto last = queued.begin() + static_cast<std::ptrdiff_t>(std::min(at + 5, queued.size()));
            auto some = run(tickets->take({queued.begin() + static_cast<std::ptrdiff_t>(at), last}, worker, kLease,
                                          Handover::at_once, soon()));
            std::move(some.begin(), some.end(), std::back_inserter(taken));
        }
    });
}

// In the order in which answers come: a little mixed up, over several tickets.
void Bench::record() {
    std::vector<MessageResult> results;
    for (const auto& ticket : taken)
        for (const auto& message : ticket.messages) {
            MessageResult result;
            result.ticket = ticket.ref;
            result.message = message.id;
            result.verdict.step = NextStep::sent;
            result.verdict.attempts = 1;
            result.provider_id = "01890a5d-ac96-774b-bcce-b302099a8057";
            results.push_back(std::move(result));
        }
    std::mt19937 random(1);
    for (std::size_t i = 0; i + 64 < results.size(); ++i)
        std::swap(results[i], results[i + random() % 64]);
    measure("record (sent)", results.size(), [&] {
        for (std::size_t at = 0; at < results.size(); at += kBatch) {
            const auto last = results.begin() + static_cast<std::ptrdiff_t>(std::min(at + kBatch, results.size()));
            run(tickets->record({results.begin() + static_cast<std::ptrdiff_t>(at), last}, kLease, soon()));
        }
    });
}

// Phones answer when they like: mixed up over a few seconds of sending.
void Bench::receive() {
    std::vector<Receipt> all;
    for (const auto& ticket : taken)
        for (const auto& message : ticket.messages)
            all.push_back({message.id, "01890a5d-ac96-774b-bcce-b302099a8057", true, std::nullopt});
    std::mt19937 random(2);
    for (std::size_t i = 0; i + 20'000 < all.size(); ++i)
        std::swap(all[i], all[i + random() % 20'000]);
    measure("receipts (delivered)", all.size(), [&] {
        for (std::size_t at = 0; at < all.size(); at += kBatch) {
            const auto last = all.begin() + static_cast<std::ptrdiff_t>(std::min(at + kBatch, all.size()));
            run(receipts->apply({all.begin() + static_cast<std::ptrdiff_t>(at), last}, soon()));
        }
    });
}

void Bench::look(const char* when) {
    std::vector<double> times;
    for (int i = 0; i < 200; ++i) {
        const auto begun = Clock::now();
        run(broadcasts->get(kTenant, id, soon()));
        run(broadcasts->messages({id, std::nullopt, std::nullopt, 100, kTenant}, soon()));
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
    }
    std::sort(times.begin(), times.end());
    fmt::print("  get and first page, {}: p50 {:.2f} ms, p99 {:.2f} ms\n", when, times[100], times[198]);
}

} // namespace

} // namespace smsbcast::test

int main(int argc, char** argv) {
    using namespace smsbcast::test;
    Bench bench(argc > 1 ? std::stoul(argv[1]) : 1'000'000);
    bench.run(pg::migrate(bench.database, soon()));
    fmt::print("{:<34}{:>10}{:>10}{:>10}{:>12}\n", "", "messages", "wall µs", "CPU µs", "messages/s");
    bench.create();
    bench.look("all pending");
    bench.relay();
    bench.take();
    bench.look("all sending");
    bench.record();
    bench.receive();
    bench.look("all delivered");
    return 0;
}
