#pragma once

#include "smsbcast/ports/message_queue.hpp"
#include "smsbcast/ports/outbox.hpp"
#include "support/app_ids.hpp"
#include "support/app_script.hpp"

#include <deque>
#include <functional>
#include <map>

namespace smsbcast::test {

/// Tickets in memory, with the states that the relay moves them through.
class FakeOutbox : public Outbox {
public:
    enum class State { due, claimed, queued, taken };
    struct Row {
        TicketRef ref;
        BroadcastId broadcast;
        int messages = 0;
        State state = State::due;
        TimePoint claimed_until{};
    };

    FakeOutbox(Script& script, ManualClock& clock) : script_(script), clock_(clock), due_(clock.make_signal()) {}

    void put(int broadcast, int tickets, int messages) {
        for (int i = 0; i < tickets; ++i) {
            const int number = static_cast<int>(rows.size());
            rows.push_back({TicketRef{ticket_id(number), 0}, broadcast_id(broadcast), messages, State::due, {}});
        }
        due_->notify_all();
    }

    int count(State state) const {
        return static_cast<int>(
            std::count_if(rows.begin(), rows.end(), [&](const Row& row) { return row.state == state; }));
    }

    asio::awaitable<Result<OutboxLoad>> load(Deadline) override {
        const auto fault = co_await script_.call("load");
        if (fault)
            co_return script_.error(*fault);
        lapse();
        OutboxLoad load;
        for (const auto& row : rows) {
            load.queued_messages += row.state == State::queued ? row.messages : 0;
            load.work_due = load.work_due || row.state == State::due;
        }
        co_return load;
    }

    asio::awaitable<Result<std::vector<ClaimedTicket>>> claim(int max_messages, std::chrono::milliseconds lease,
                                                              Deadline) override {
        claim_sizes.push_back(max_messages);
        const auto fault = co_await script_.call("claim");
        if (fault == Fault::not_done)
            co_return script_.error(*fault);
        lapse();
        std::vector<ClaimedTicket> claimed;
        for (auto& row : rows) {
            if (max_messages <= 0)
                break;
            if (row.state != State::due)
                continue;
            row.state = State::claimed;
            row.claimed_until = clock_.now() + lease;
            max_messages -= row.messages;
            claimed.push_back({row.ref, row.broadcast, row.messages});
        }
        if (fault)
            co_return script_.error(*fault);
        co_return claimed;
    }

    asio::awaitable<Result<void>> mark_queued(std::vector<TicketRef> tickets, Deadline) override {
        return settle("mark", std::move(tickets), State::queued);
    }
    asio::awaitable<Result<void>> release(std::vector<TicketRef> tickets, Deadline) override {
        return settle("release", std::move(tickets), State::due);
    }

    asio::awaitable<void> wait_for_work(Deadline deadline) override {
        ++waits;
        co_await due_->wait(deadline);
    }

    std::vector<Row> rows;
    std::vector<int> claim_sizes;
    int waits = 0;

private:
    asio::awaitable<Result<void>> settle(std::string name, std::vector<TicketRef> tickets, State to) {
        const auto fault = co_await script_.call(std::move(name));
        if (fault != Fault::not_done) {
            for (const auto& ref : tickets) {
                Row& row = rows.at(static_cast<std::size_t>(number_of(ref.id.value)));
                if (row.ref == ref && row.state == State::claimed)
                    row.state = to;
            }
        }
        if (fault)
            co_return script_.error(*fault);
        co_return Result<void>();
    }

    void lapse() {
        for (auto& row : rows)
            if (row.state == State::claimed && row.claimed_until <= clock_.now())
                row.state = State::due;
    }

    Script& script_;
    ManualClock& clock_;
    std::unique_ptr<Signal> due_;
};

/// A queue that confirms what `outcome` says, `confirm_after` later.
class FakePublisher : public TicketPublisher {
public:
    FakePublisher(Script& script, ManualClock& clock) : script_(script), clock_(clock), never_(clock.make_signal()) {}

    asio::awaitable<Result<std::vector<PublishOutcome>>> publish(std::vector<TicketRef> tickets, Deadline) override {
        const auto fault = co_await script_.call("publish");
        if (confirm_after.count() > 0)
            co_await never_->wait(clock_.in(confirm_after));
        if (fault == Fault::not_done)
            co_return script_.error(*fault);
        std::vector<PublishOutcome> outcomes;
        for (const auto& ref : tickets) {
            ++published[ref];
            outcomes.push_back(fault ? PublishOutcome::unsettled : outcome ? outcome(ref) : PublishOutcome::confirmed);
        }
        sizes.push_back(tickets.size());
        if (on_publish)
            on_publish();
        co_return outcomes;
    }

    asio::awaitable<Result<std::int64_t>> waiting(Deadline) override {
        const auto fault = co_await script_.call("waiting");
        if (fault)
            co_return script_.error(*fault);
        co_return depth;
    }

    asio::awaitable<Result<ParkedTickets>> parked(Deadline) override {
        const auto fault = co_await script_.call("parked");
        if (fault)
            co_return script_.error(*fault);
        co_return ParkedTickets{set_aside, "q.parked"};
    }

    Result<void> state() const override { return up ? Result<void>() : Result<void>(Errc::unavailable); }
    asio::awaitable<void> stop(Deadline) override { co_return; }

    std::map<TicketRef, int> published;
    std::vector<std::size_t> sizes;
    std::function<PublishOutcome(const TicketRef&)> outcome;
    std::function<void()> on_publish;
    std::chrono::milliseconds confirm_after{0};
    std::int64_t depth = 0;
    std::int64_t set_aside = 0;
    bool up = true;

private:
    Script& script_;
    ManualClock& clock_;
    std::unique_ptr<Signal> never_;
};

} // namespace smsbcast::test
