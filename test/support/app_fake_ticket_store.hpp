#pragma once

#include "smsbcast/ports/ticket_store.hpp"
#include "support/app_ids.hpp"
#include "support/app_script.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace smsbcast::test {

/// Tickets in memory, fenced and leased as TicketStore promises. What it holds is the truth that tests check against.
class FakeTicketStore : public TicketStore {
public:
    struct Row {
        TicketRef ref;
        BroadcastId broadcast;
        std::vector<PendingMessage> open; ///< not recorded
        bool taken = false;
        bool begun = false;
        TimePoint lease_until{};
    };

    FakeTicketStore(Script& script, ManualClock& clock) : script_(script), clock_(clock) {}

    /// Messages are numbered ticket * 10000 + place. Returns what the queue delivers.
    TicketRef put(int ticket, int broadcast, int messages) {
        Row row{TicketRef{ticket_id(ticket), 0}, broadcast_id(broadcast), {}, false, false, {}};
        for (int i = 0; i < messages; ++i)
            row.open.push_back({message_id(ticket * 10000 + i), PhoneNumber::from_digits(66812345678), 0, 0, false});
        return rows.emplace(row.ref.id, row).first->second.ref;
    }

    /// True while a worker owes something for the ticket that was delivered as `ref`: too early to acknowledge it.
    bool open_for(const TicketRef& delivered) const {
        const auto row = rows.find(delivered.id);
        return row != rows.end() && row->second.taken && row->second.ref.fence == delivered.fence + 1;
    }

    /// What the sweeper does with leases that ran out.
    void expire_leases() {
        for (auto& [id, row] : rows)
            if (row.taken && row.lease_until <= clock_.now())
                row.taken = false;
    }

    asio::awaitable<Result<std::vector<TakenTicket>>> take(std::vector<TicketRef> tickets, WorkerId,
                                                           std::chrono::milliseconds lease, Handover handover,
                                                           Deadline) override {
        handovers.insert(handover);
        const auto fault = co_await script_.call("take");
        if (fault == Fault::not_done)
            co_return script_.error(*fault);
        std::vector<TakenTicket> taken;
        for (const auto& ref : tickets) {
            const auto found = rows.find(ref.id);
            if (found == rows.end() || found->second.ref != ref || is_halted(found->second.broadcast))
                continue;
            Row& row = found->second;
            ++row.ref.fence;
            row.taken = true;
            row.begun = false;
            row.lease_until = clock_.now() + lease;
            taken.push_back({row.ref, row.broadcast, std::make_shared<const std::string>("text"), row.open});
            if (const auto expiry = expires.find(row.broadcast); expiry != expires.end())
                taken.back().expires_in = std::chrono::floor<std::chrono::milliseconds>(expiry->second - clock_.now());
        }
        if (fault)
            co_return script_.error(*fault);
        co_return taken;
    }

    asio::awaitable<Result<std::vector<TicketRef>>> mark_in_flight(std::vector<TicketRef> tickets, Deadline) override {
        begin_sizes.push_back(tickets.size());
        const auto fault = co_await script_.call("begin");
        if (fault == Fault::not_done)
            co_return script_.error(*fault);
        std::vector<TicketRef> ours;
        for (const auto& ref : tickets) {
            Row* row = held(ref);
            if (!row)
                continue;
            row->begun = true;
            ours.push_back(ref);
        }
        if (fault)
            co_return script_.error(*fault);
        co_return ours;
    }

    asio::awaitable<Result<LeaseReport>> renew(std::vector<TicketRef> tickets, std::chrono::milliseconds lease,
                                               Deadline) override {
        const auto fault = co_await script_.call("renew");
        if (fault == Fault::not_done)
            co_return script_.error(*fault);
        LeaseReport report;
        for (const auto& ref : tickets) {
            Row* row = held(ref);
            if (!row) {
                report.lost.push_back(ref.id);
                continue;
            }
            row->lease_until = clock_.now() + lease;
            if (is_halted(row->broadcast))
                report.halted.push_back(ref.id);
        }
        if (fault)
            co_return script_.error(*fault);
        co_return report;
    }

    asio::awaitable<Result<std::vector<BroadcastId>>> not_running(std::vector<BroadcastId> broadcasts,
                                                                  Deadline) override {
        const auto fault = co_await script_.call("not_running");
        if (fault)
            co_return script_.error(*fault);
        std::erase_if(broadcasts, [&](const BroadcastId& id) { return !is_halted(id); });
        co_return broadcasts;
    }

    asio::awaitable<Result<void>> give_back(std::vector<TicketRef> tickets, Deadline) override {
        const auto fault = co_await script_.call("give_back");
        if (std::any_of(tickets.begin(), tickets.end(),
                        [&](const auto& ref) { return never_given_back.contains(ref); }))
            co_return Errc::refused;
        if (fault != Fault::not_done) {
            for (const auto& ref : tickets) {
                if (Row* row = held(ref)) {
                    row->taken = false;
                    given_back.insert(ref);
                }
            }
        }
        if (fault)
            co_return script_.error(*fault);
        co_return Result<void>();
    }

    asio::awaitable<Result<void>> record(std::vector<MessageResult> results, std::chrono::milliseconds,
                                         Deadline) override {
        record_sizes.push_back(results.size());
        const auto fault = co_await script_.call("record");
        if (refuses && std::any_of(results.begin(), results.end(), refuses))
            co_return Errc::refused;
        if (fault != Fault::not_done)
            for (const auto& result : results)
                apply(result);
        if (fault)
            co_return script_.error(*fault);
        co_return Result<void>();
    }

    std::map<TicketId, Row> rows;
    std::set<BroadcastId> halted;
    std::map<BroadcastId, TimePoint> expires;
    std::map<MessageId, MessageResult> recorded;
    std::set<MessageId> recorded_after_loss;
    std::set<TicketRef> given_back;
    std::vector<std::size_t> record_sizes;
    std::function<bool(const MessageResult&)> refuses; ///< the batch that holds such a result
    std::set<TicketRef> never_given_back;              ///< tickets that are refused when they are given back
    std::set<Handover> handovers;                      ///< that were asked for
    std::vector<std::size_t> begin_sizes;

private:
    bool is_halted(const BroadcastId& id) const {
        const auto expiry = expires.find(id);
        return halted.contains(id) || (expiry != expires.end() && expiry->second <= clock_.now());
    }

    Row* held(const TicketRef& ref) {
        const auto found = rows.find(ref.id);
        return found != rows.end() && found->second.ref == ref && found->second.taken ? &found->second : nullptr;
    }

    void apply(const MessageResult& result) {
        Row* row = held(result.ticket);
        const bool open = row && std::erase_if(row->open, [&](const PendingMessage& message) {
                                     return message.id == result.message;
                                 }) == 1;
        if (!open) {
            if (!recorded.contains(result.message))
                recorded_after_loss.insert(result.message);
            return;
        }
        recorded.emplace(result.message, result);
        if (row->open.empty())
            rows.erase(result.ticket.id);
    }

    Script& script_;
    ManualClock& clock_;
};

} // namespace smsbcast::test
