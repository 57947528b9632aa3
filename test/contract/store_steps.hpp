#pragma once

#include "store_driver.hpp"
#include "store_model.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace smsbcast::test {

/// One random call. What it is about is chosen by its numbers from what there is when it is made, so that any part of a
/// sequence of steps is a sequence too.
struct StoreStep {
    std::size_t kind = 0;
    std::uint32_t seed = 0; ///< of all that is drawn for it
};

std::vector<StoreStep> random_steps(std::mt19937& random, std::size_t count);

/// Makes the same calls of a store and of the model.
class StoreWalk {
public:
    /// Empties the store.
    explicit StoreWalk(StoreFixture& fixture);

    /// Nothing where both agree; else what the step was, and how they differ.
    std::optional<std::string> take(const StoreStep& step);

    struct Kind {
        const char* name;
        int weight;
        void (StoreWalk::*take)();
    };
    static const std::vector<Kind>& kinds();

private:
    std::size_t draw(std::size_t below);
    bool one_in(std::size_t number) { return draw(number) == 0; }
    StoreModel::Time draw_time();
    std::map<std::size_t, int> draw_tickets(bool held);
    std::vector<TicketRef> refs_of(const std::map<std::size_t, int>& tickets) const;
    std::set<std::size_t> places_of(const std::vector<TicketId>& tickets);
    WorkerId draw_worker() { return workers_.at(draw(workers_.size())); }
    std::string draw_provider();
    std::optional<Receipt> draw_receipt();
    std::optional<MessageResult> draw_result();

    void create();
    void command();
    void claim();
    void confirm();
    void release();
    void take_tickets();
    void begin();
    void renew();
    void give_back();
    void record();
    void receive();
    void pass_time();
    void expire_leases();
    void requeue();
    void match();
    void cancel();
    void expire();
    void end_unresolved();
    void complete();
    void hold();
    void end_hold();

    void pass(StoreModel::Time time);
    template <class T>
    void expect(const T& store, const T& model, const char* what);
    template <class T>
    T value(boost::asio::awaitable<Result<T>> call);
    /// Repeats a step until it says that it is done, which the store has to come to.
    void until_done(const std::function<bool()>& step);
    void sweep(const std::function<boost::asio::awaitable<Result<std::int64_t>>()>& call);
    void compare();

    StoreFixture& fixture_;
    StoreModel model_;
    std::mt19937 random_;
    std::vector<WorkerId> workers_;
    std::string did_, differs_;
    std::uint64_t next_phone_ = 66810000001;
    int next_provider_id_ = 1;
};

} // namespace smsbcast::test
