#pragma once

#include "fault_dice.hpp"
#include "ledger.hpp"
#include "provider_ids.hpp"
#include "receipt_sender.hpp"
#include "send_request.hpp"

#include "smsbcast/http/problem.hpp"
#include "smsbcast/mock/mock_provider.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <optional>
#include <string>
#include <variant>

namespace smsbcast::mock {

namespace asio = boost::asio;

using runtime::Awaitable;

class MockProvider::Impl {
public:
    Impl(asio::io_context& shard, const MockOptions& options);

    std::vector<http::Route> routes();
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

    /// A request that is what it should be; whether it is accepted is another matter. It holds one
    /// use of its webhook, which somebody has to give back.
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
    Awaitable<http::Response> send(const http::Request& request);
    Awaitable<http::Response> handle(const http::Request& request);
    std::variant<Call, http::Problem> take(const http::Request& request);
    std::string webhook_of(const SendRequest& sent) const;
    std::variant<Call, http::Problem> enter(const SendCall& call, bool named, Webhooks::Ref webhook);
    std::optional<PendingReceipt> accept(Call& call, const RequestPlan& plan);
    http::Response refuse(const http::Request& request, const http::Problem& problem);
    http::Response answer(const http::Request& request, const RequestPlan& plan, const Call& call);
    http::Response fail(const http::Request& request, Mishap mishap);

    // mock_control.cpp
    Awaitable<http::Response> get_faults(const http::Request& request);
    Awaitable<http::Response> change_faults(const http::Request& request);
    Awaitable<http::Response> reset_faults(const http::Request& request);
    Awaitable<http::Response> get_stats(const http::Request& request);
    Awaitable<http::Response> get_ledger(const http::Request& request);
    Awaitable<http::Response> clear_ledger(const http::Request& request);

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

} // namespace smsbcast::mock
