#pragma once

#include "moves.hpp"
#include "query.hpp"
#include "savepoint.hpp"
#include "sweeps.hpp"
#include "ticket_rows.hpp"

#include <cstddef>
#include <vector>

namespace smsbcast::adapters::sqlite {

// A sweep that moves messages ends after about so many, some 20 ms of the writer: everybody else
// waits for it.
inline constexpr std::size_t kMaxSweptMessages = 5000;

// A ticket holds up to 1000 messages, so these bound what is looked at before kMaxSweptMessages bounds
// what is moved.
inline constexpr std::size_t kMaxLeases = 50;
inline constexpr std::size_t kMaxTickets = 20;
inline constexpr std::size_t kMaxSimple = 500; ///< rows that are changed by a statement each

inline constexpr const char* kTicket = "ticket_id";
inline constexpr const char* kMessage = "message_id";
inline constexpr const char* kBroadcast = "broadcast_id";

/// One sweep under way.
class Sweep {
public:
    Sweep(Transaction& to_transaction, const SweepWay& way)
        : transaction(to_transaction), db(to_transaction.db), now(to_transaction.now), way_(way) {}

    // It collects the first ids that a statement finds and closes it, so that the changes that
    // follow do not move the ground under a statement that is being stepped. Rows that were refused
    // lately are passed over, or they would fill the bound each time.
    template <class... Values>
    std::vector<Uuid> find(std::size_t most, const Statement& statement, const Values&... values) {
        std::vector<Uuid> ids;
        Query row(db, statement, values...);
        while (ids.size() < most && row.next())
            if (!way_.set_aside.contains(row.uuid(0)))
                ids.push_back(row.uuid(0));
        return ids;
    }

    // False means that the row was refused, which is noted. Without savepoints a refusal is thrown
    // and undoes the whole sweep, which is then run again row by row.
    template <class Work>
    bool change(const char* name, const Uuid& id, Work work) {
        if (!way_.one_by_one) {
            work();
            return true;
        }
        const bool changed = in_savepoint(db, work);
        if (!changed)
            swept.refused.push_back({name, id});
        return changed;
    }

    // It takes all messages out of tickets until it has moved enough. Counts are written once at
    // the end.
    template <class Move>
    void empty(const std::vector<Uuid>& tickets, Move move) {
        Moves moves;
        std::size_t messages = 0;
        for (const auto& id : tickets) {
            const auto ticket = find_ticket(db, TicketId{id});
            if (!ticket || messages >= kMaxSweptMessages)
                break;
            if (way_.one_by_one)
                empty_alone(*ticket, move);
            else
                messages += take_out(*ticket, move, moves);
            ++swept.moved;
        }
        moves.write(db);
    }

    Transaction& transaction;
    Connection& db;
    const std::int64_t now;
    Swept swept;

private:
    template <class Move>
    std::size_t take_out(const TicketRow& ticket, Move move, Moves& moves) {
        std::size_t taken = 0;
        for (const auto& message : messages_of(db, ticket)) {
            auto end = MessageStatus::pending;
            if (!change(kMessage, message.id.value, [&] { end = move(ticket, message); }))
                continue;
            moves.count(ticket.broadcast, MessageStatus::pending, end);
            moves.leave(ticket.broadcast, ticket.id);
            ++taken;
        }
        return taken;
    }

    // Each ticket is its own savepoint here, around those of its messages. A message that cannot be
    // taken out keeps the ticket, which is then reported as well, so that the next sweep passes it
    // over.
    template <class Move>
    void empty_alone(const TicketRow& ticket, Move move) {
        const auto refused_before = swept.refused.size();
        const bool emptied = change(kTicket, ticket.id.value, [&] {
            Moves own;
            take_out(ticket, move, own);
            own.write(db);
        });
        if (emptied && swept.refused.size() != refused_before)
            swept.refused.push_back({kTicket, ticket.id.value});
    }

    const SweepWay& way_;
};

} // namespace smsbcast::adapters::sqlite
