#include "interleaved.hpp"

#include <fmt/format.h>

namespace smsbcast::test {

namespace {

constexpr const char* kEmpty =
    "DELETE FROM broadcasts; DELETE FROM messages; DELETE FROM outbox; DELETE FROM broadcast_counts;"
    "DELETE FROM attempts; DELETE FROM provider_refs; DELETE FROM receipt_inbox";

// What no transaction may leave behind.
constexpr const char* kWrong = R"(
WITH held AS (
    SELECT o.id AS ticket, m.id AS message FROM outbox o JOIN messages m
        ON m.ticket_id = o.id AND m.status = 'pending' AND m.broadcast_id = o.broadcast_id
       AND CASE WHEN o.message_ids IS NULL THEN m.id BETWEEN o.first_message AND o.last_message
                ELSE m.id = ANY (o.message_ids) END)
SELECT format('a ticket counts %s messages and has %s', o.size - o.done, n) FROM outbox o,
       LATERAL (SELECT count(*) AS n FROM held WHERE ticket = o.id) h WHERE o.size - o.done <> n
UNION ALL
SELECT 'a pending message is in no ticket' FROM messages m
 WHERE m.status = 'pending' AND NOT EXISTS (SELECT FROM held WHERE message = m.id)
UNION ALL
SELECT format('a %s broadcast has tickets', b.status) FROM broadcasts b
 WHERE b.status IN ('completed', 'canceled') AND EXISTS (SELECT FROM outbox o WHERE o.broadcast_id = b.id)
UNION ALL
SELECT 'a completed broadcast has messages without an answer' FROM broadcasts b
 WHERE b.status = 'completed'
   AND EXISTS (SELECT FROM messages m WHERE m.broadcast_id = b.id AND m.status = 'unknown')
)";

boost::asio::awaitable<void> keep(Call call, std::optional<Result<void>>& place) {
    place.emplace(co_await std::move(call));
}

PostgresParams params_of(const PgFixture& fixture) {
    auto params = pg_params(fixture.schema());
    params.synchronous_commit = false;
    return params;
}

} // namespace

Interleaved::Interleaved(Writers writers)
    : stores_{GatedStores{fixture_.io(), params_of(fixture_)}, GatedStores{fixture_.io(), params_of(fixture_)}} {
    while ((stores_[0].writer() == stores_[1].writer()) != (writers == Writers::same))
        stores_[1].change_writer();
    for (auto& stores : stores_)
        REQUIRE(fixture_.run(stores.connect()).has_value());
}

// Also after a failed assertion no call outlives what it writes to.
struct Interleaved::Ending {
    Interleaved& self;
    Side &one, &other;
    ~Ending() {
        one.stores.gate().open();
        other.stores.gate().open();
        const auto deadline = StoreFixture::deadline();
        while (!(one.result && other.result) && !deadline.passed())
            self.fixture_.io().run_one_for(milliseconds(10));
    }
};

// A boundary of 0, or one of an operation that is over, adds no order of its own: then they run one after the other.
void Interleaved::run(const Pair& pair) {
    seen_.clear();
    for (const bool exchanged : {false, true}) {
        auto first = Stop::held, second = Stop::held;
        for (int i = 1; first == Stop::held; ++i) {
            second = Stop::held;
            for (int j = 1; second == Stop::held; ++j) {
                INFO(pair.name << (exchanged ? ", exchanged" : "") << ": the first is held after " << i
                               << " steps, the second after " << j);
                std::tie(first, second) = once(pair, exchanged, i, j);
                if (first == Stop::over)
                    break;
            }
        }
    }
    INFO(pair.name);
    CHECK(seen_ == pair.ends);
}

std::pair<Interleaved::Stop, Interleaved::Stop> Interleaved::once(const Pair& pair, bool exchanged, int first_steps,
                                                                  int second_steps) {
    empty_tables();
    StoreDriver driver(fixture_);
    pair.prepare(driver);
    Side one{stores_[0]}, other{stores_[1]};
    const Ending ending{*this, one, other};
    auto& first = exchanged ? other : one;
    auto& second = exchanged ? one : other;
    start(one, pair.one(one.stores));
    start(other, pair.other(other.stores));
    const auto first_stop = go(first, second, first_steps);
    REQUIRE(first_stop != Stop::waits);
    const auto second_stop = go(second, first, second_steps);
    const bool crossed = go(first, second, std::nullopt) == Stop::waits;
    REQUIRE(go(second, first, std::nullopt) == Stop::over);
    if (crossed)
        REQUIRE(go(first, second, std::nullopt) == Stop::over);
    for (auto* side : {&one, &other}) {
        CHECK(side->result->has_value());
        CHECK(side->stores.gate().take_failures() == std::vector<std::string>());
    }
    check(pair, driver);
    return {first_stop, second_stop};
}

void Interleaved::start(Side& side, Call call) {
    side.stores.gate().let(0);
    boost::asio::co_spawn(fixture_.io(), keep(std::move(call), side.result), [](const std::exception_ptr& thrown) {
        if (thrown)
            std::rethrow_exception(thrown);
    });
}

Interleaved::Stop Interleaved::go(Side& side, Side& other, std::optional<int> steps) {
    auto& gate = side.stores.gate();
    if (steps)
        gate.let(*steps);
    else
        gate.open();
    const auto deadline = StoreFixture::deadline();
    fixture_.io().restart();
    while (!side.result && !gate.holds()) {
        REQUIRE_FALSE(deadline.passed());
        const bool quiet = fixture_.io().run_one_for(milliseconds(1)) == 0;
        if (quiet && other.stores.gate().holds() && waits(side, other))
            return Stop::waits;
    }
    return side.result ? Stop::over : Stop::held;
}

bool Interleaved::waits(Side& side, Side& other) {
    return admin().value(fmt::format("SELECT {} = ANY (pg_blocking_pids({}))", other.stores.gate().backend(),
                                     side.stores.gate().backend())) == "t";
}

void Interleaved::check(const Pair& pair, StoreDriver& driver) {
    driver.check_counts();
    check_tickets();
    if (count("receipt_inbox") > 0) {
        admin().query("UPDATE receipt_inbox SET next_try_at = now()");
        driver.match_inbox();
        check_tickets();
    }
    const auto end = pair.end(driver);
    CAPTURE(end);
    CHECK(pair.ends.contains(end));
    seen_.insert(end);
}

void Interleaved::check_tickets() {
    std::string wrong;
    for (const auto& row : admin().query(kWrong))
        wrong += row.at(0) + "; ";
    CHECK(wrong == "");
}

void Interleaved::empty_tables() {
    admin().query(kEmpty);
}

void Interleaved::create(StoreDriver& driver, int recipients) {
    broadcast = driver.create(recipients);
}

std::string Interleaved::statuses(StoreDriver& driver) {
    std::string words;
    for (const auto& message : driver.messages(broadcast))
        words += (words.empty() ? "" : " ") + std::string(to_string(message.status));
    return words;
}

void Interleaved::let_time_pass() {
    admin().query("UPDATE outbox SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL;"
                  "UPDATE messages SET resolve_by = now() - interval '1 second' WHERE resolve_by IS NOT NULL");
}

} // namespace smsbcast::test
