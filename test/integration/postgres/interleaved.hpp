#pragma once

#include "gated_stores.hpp"

#include <array>
#include <functional>
#include <optional>
#include <set>
#include <string>

namespace smsbcast::test {

/// Two operations on the same rows.
struct Pair {
    const char* name;
    std::function<void(StoreDriver&)> prepare; ///< on empty tables
    std::function<Call(GatedStores&)> one, other;
    std::function<std::string(StoreDriver&)> end; ///< what it came to, in words
    std::set<std::string> ends;                   ///< each of these, and nothing else
};

/// Runs pairs of operations interleaved at every boundary between their steps (StatementGate). Whatever the order, the
/// server has nothing to refuse, tickets and counts agree with the messages, and receipts that wait in the inbox are
/// applied as soon as their message is known.
class Interleaved {
public:
    enum class Writers { two, same };
    explicit Interleaved(Writers writers = Writers::two);

    /// Either operation runs to each of its boundaries, then the other one to each of its own or until it waits for the
    /// first, then the first to its end and the other to its own.
    void run(const Pair& pair);

    /// Statuses of the broadcast's messages, in order of id.
    std::string statuses(StoreDriver& driver);

    /// Makes `broadcast`.
    void create(StoreDriver& driver, int recipients);

    /// All leases, and the times that unknown messages have, are over.
    void let_time_pass();

    long count(const std::string& table) { return admin().number("SELECT count(*) FROM " + table); }
    PgAdmin& admin() { return fixture_.admin(); }
    PgFixture& fixture() { return fixture_; }
    GatedStores& stores(std::size_t which) { return stores_.at(which); }

    enum class Stop { held, waits, over };
    struct Side {
        GatedStores& stores;
        std::optional<Result<void>> result{};
    };
    void start(Side& side, Call call);
    /// Nothing: to its end.
    Stop go(Side& side, Side& other, std::optional<int> steps);

    BroadcastId broadcast{};

private:
    struct Ending;
    std::pair<Stop, Stop> once(const Pair& pair, bool exchanged, int first_steps, int second_steps);
    void empty_tables();
    bool waits(Side& side, Side& other);
    void check(const Pair& pair, StoreDriver& driver);
    void check_tickets();

    PgFixture fixture_{[](PostgresParams& params) { params.synchronous_commit = false; }};
    std::array<GatedStores, 2> stores_;
    std::set<std::string> seen_;
};

} // namespace smsbcast::test
