#pragma once

#include "provider_ids.hpp"
#include "receipt_queue.hpp"

#include "smsbcast/app/flight_window.hpp"
#include "smsbcast/http/client.hpp"
#include "smsbcast/runtime/task_group.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace smsbcast::mock {

namespace asio = boost::asio;

using runtime::Awaitable;

struct ReceiptStats {
    std::uint64_t posted = 0; ///< tries
    std::uint64_t acknowledged = 0;
    std::uint64_t failed = 0; ///< given up
};

/// Posts receipts when they are due, and again until they are acknowledged by a 2xx or given up. One timer for all that
/// wait; for each origin a pool of connections and a window that finds how many of them pay off.
class ReceiptSender {
public:
    ReceiptSender(asio::io_context& shard, Ledger& ledger, const ProviderIds& ids, std::size_t connections);

    Webhooks& webhooks() { return webhooks_; }

    /// Takes over one use of its webhook.
    void schedule(PendingReceipt receipt);

    /// Tries it now and returns when that try has ended; what comes after it is as with schedule().
    Awaitable<> post_now(PendingReceipt receipt);

    /// Runs until stop().
    Awaitable<> run();

    /// Drops the receipts that wait and cuts those under way.
    Awaitable<> stop(Deadline deadline);

    /// How many wait for their time, for a connection, or for an answer.
    std::size_t waiting() const { return waiting_; }
    const ReceiptStats& stats() const { return stats_; }
    void clear_stats() { stats_ = {}; }

private:
    struct Origin {
        Origin(asio::io_context& shard, http::ClientOptions options)
            : client(shard, options), window({.most = options.connections}) {}

        http::Client client;
        std::deque<PendingReceipt> ready;
        app::FlightWindow window;
    };

    using Sign = app::FlightWindow::End;

    /// The outcome of a try: whether it was acknowledged, and what that says about the webhook.
    struct Exchanged {
        bool taken;
        Sign sign;
    };

    Origin& origin_of(const PendingReceipt& receipt);
    void begin_ready(Origin& origin);
    std::optional<PendingReceipt> next_ready(Origin& origin) const;
    Awaitable<> post_ready(Origin& origin, PendingReceipt receipt, app::FlightWindow::Start start);
    Awaitable<Sign> post(PendingReceipt receipt);
    Awaitable<Exchanged> exchange(const PendingReceipt& receipt);
    std::string body_of(const PendingReceipt& receipt) const;
    void finished(const PendingReceipt& receipt);

    asio::io_context& shard_;
    Ledger& ledger_;
    const ProviderIds& ids_;
    std::size_t connections_;
    Webhooks webhooks_;
    ReceiptQueue queue_;
    std::vector<std::unique_ptr<Origin>> origins_;
    std::size_t waiting_ = 0;
    ReceiptStats stats_;
    bool stopping_ = false;
    Deadline::Clock::time_point sleeps_until_ = Deadline::Clock::time_point::min();
    runtime::Wakeup earlier_;
    runtime::TaskGroup tasks_;
};

} // namespace smsbcast::mock
