#pragma once

#include "fault_dice.hpp"
#include "ledger.hpp"
#include "provider_ids.hpp"
#include "receipt_sender.hpp"
#include "send_request.hpp"

#include "smsbcast/runtime/wakeup.hpp"
#include "smsbcast/transport/mock_provider.hpp"
#include "smsbcast/transport/problem.hpp"

#include <optional>
#include <string>
#include <variant>

namespace smsbcast::transport {

class MockProvider::Impl {
public:
    Impl(asio::io_context& shard, const MockOptions& options);

    std::vector<Route> routes();
    Awaitable<> run() { return receipts_.run(); }
    Awaitable<> stop(Deadline deadline);

private:
    struct Stats {
        std::uint64_t requests = 0;
        std::size_t most_in_flight = 0; ///< requests at a time
        std::uint64_t accepted = 0;
        std::uint64_t duplicates = 0; ///< under a key that had been accepted
        std::uint64_t rejected = 0;   ///< for what they say
        std::uint64_t throttled = 0;
        std::uint64_t errors = 0;
        std::uint64_t hangs = 0;
        std::uint64_t resets = 0;
        std::uint64_t truncated = 0;
    };

    /// A request that is what it should be; whether it is accepted is another matter. Holds one use of its webhook.
    struct Call {
        MessageId message;
        PhoneNumber phone;
        bool named = false; ///< by that id, which answer and receipt repeat
        Webhooks::Ref webhook = 0;
        std::uint64_t seq = 0;
        std::uint64_t number = 0; ///< of its acceptance; 0: not accepted
        ReceiptEcho echo =
            ReceiptEcho::message_id; ///< its answers and its receipt agree on that, whatever is set meanwhile
    };

    // mock_send.cpp
    Awaitable<Response> send(const Request& request);
    Awaitable<Response> handle(const Request& request);
    std::variant<Call, Problem> take(const Request& request);
    std::string webhook_of(const SendRequest& sent) const;
    std::variant<Call, Problem> enter(const SendCall& call, bool named, Webhooks::Ref webhook);
    std::optional<PendingReceipt> accept(Call& call, const RequestPlan& plan);
    Response refuse(const Request& request, const Problem& problem);
    Response answer(const Request& request, const RequestPlan& plan, const Call& call);
    Response fail(const Request& request, Mishap mishap);

    // mock_control.cpp
    Awaitable<Response> get_faults(const Request& request);
    Awaitable<Response> change_faults(const Request& request);
    Awaitable<Response> reset_faults(const Request& request);
    Awaitable<Response> get_stats(const Request& request);
    Awaitable<Response> get_ledger(const Request& request);
    Awaitable<Response> clear_ledger(const Request& request);

    const MockOptions options_;
    MockFaults faults_;
    ProviderIds ids_;
    FaultDice dice_;
    Ledger ledger_;
    ReceiptSender receipts_;
    runtime::Wakeup pause_;
    Stats stats_;
    std::size_t in_flight_ = 0;
    bool stopping_ = false;
};

} // namespace smsbcast::transport
