#pragma once

#include "smsbcast/domain/message_rules.hpp"
#include "smsbcast/ports/broadcast_store.hpp"
#include "smsbcast/ports/housekeeping.hpp"
#include "smsbcast/ports/installation.hpp"
#include "smsbcast/ports/key_store.hpp"
#include "smsbcast/ports/outbox.hpp"
#include "smsbcast/ports/receipt_store.hpp"
#include "smsbcast/ports/ticket_store.hpp"

#include "store_image.hpp"

#include "support/patience.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace smsbcast::test {

/// The seven store ports of one adapter on an empty store, and a loop to run them on.
class StoreFixture {
public:
    virtual ~StoreFixture() = default;

    BroadcastStore& broadcasts() { return *stores_.broadcasts; }
    Outbox& outbox() { return *stores_.outbox; }
    TicketStore& tickets() { return *stores_.tickets; }
    ReceiptStore& receipts() { return *stores_.receipts; }
    Housekeeping& housekeeping() { return *stores_.housekeeping; }
    Installation& installation() { return *stores_.installation; }
    KeyStore& keys() { return *stores_.keys; }
    boost::asio::io_context& io() { return io_; }

    /// How many keys it takes: so few that a case can make them all.
    static constexpr std::size_t kMostKeys = 12;

    /// Moves the deadline of a broadcast into the past, as time does.
    virtual void expire(BroadcastId broadcast) = 0;

    /// Makes of a message that waits what the facts say, with its count and its ticket, as if it had come to that by
    /// the ports. An unknown one has an hour. `flagged`: it is marked as a possible duplicate.
    virtual void put(MessageId message, const MessageFacts& facts, bool flagged = false) = 0;

    /// Nothing is left of what was made in it.
    virtual void clear() = 0;

    /// As if so much time had passed: whatever is due, leased or waited for until then is over.
    virtual void pass(std::chrono::milliseconds time) = 0;

    virtual StoreImage image() = 0;

    /// Writes such scopes into a key's row, as another release might.
    virtual void put_scopes(const std::string& prefix, const std::string& scopes) = 0;

    /// From now on the database refuses every change of this message.
    virtual void refuse(MessageId message) = 0;
    virtual void accept_again() = 0;

    /// The budget of every call.
    static Deadline deadline() { return Deadline::after(kPatience); }

    /// Runs the loop until the coroutine has given its value.
    template <class T>
    T run(boost::asio::awaitable<T> task) {
        std::vector<boost::asio::awaitable<T>> tasks;
        tasks.push_back(std::move(task));
        return std::move(run_all(std::move(tasks)).front());
    }

    /// All at once; the values in the order of the tasks.
    template <class T>
    std::vector<T> run_all(std::vector<boost::asio::awaitable<T>> tasks) {
        std::vector<std::optional<T>> values(tasks.size());
        std::exception_ptr failure;
        std::size_t running = tasks.size();
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            boost::asio::co_spawn(io(), into(std::move(tasks[i]), values[i]), [&](const std::exception_ptr& thrown) {
                failure = thrown ? thrown : failure;
                --running;
            });
        }
        io().restart();
        while (running > 0)
            if (io().run_one_for(2 * kPatience) == 0)
                throw std::runtime_error("a call to the store outlived its deadline");
        if (failure)
            std::rethrow_exception(failure);
        std::vector<T> results;
        for (auto& value : values)
            results.push_back(std::move(*value));
        return results;
    }

protected:
    struct Stores {
        std::unique_ptr<BroadcastStore> broadcasts;
        std::unique_ptr<Outbox> outbox;
        std::unique_ptr<TicketStore> tickets;
        std::unique_ptr<ReceiptStore> receipts;
        std::unique_ptr<Housekeeping> housekeeping;
        std::unique_ptr<Installation> installation;
        std::unique_ptr<KeyStore> keys;
    };

    boost::asio::io_context io_{1};
    Stores stores_; ///< let go of them before what they stand on

private:
    template <class T>
    static boost::asio::awaitable<void> into(boost::asio::awaitable<T> task, std::optional<T>& value) {
        value.emplace(co_await std::move(task));
    }
};

/// One thing that every store does. `run` asserts with Catch2.
struct StoreCase {
    std::string_view name;
    void (*run)(StoreFixture& fixture);
};

/// What the ports promise, case by case, each to be run on an empty store. An adapter is right when it passes all.
std::vector<StoreCase> store_cases();

} // namespace smsbcast::test
