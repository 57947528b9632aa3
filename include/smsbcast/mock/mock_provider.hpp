#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/http/server.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace smsbcast::mock {

namespace asio = boost::asio;

using runtime::Awaitable;

/// How a receipt names its message.
enum class ReceiptEcho {
    message_id,  ///< by our id too: posted to the webhook's address as it was given, and repeated in the answer
    provider_id, ///< by the provider's id alone: posted without the address's query
};

/// What the mock does wrong. Rates are shares of all requests, or of all receipts, 0 to 1. A request meets at most one
/// of throttle, error, reset_before, reset_after, hang and truncate, so their rates add up to 1 at most.
struct MockFaults {
    std::chrono::milliseconds latency{0}; ///< before an answer; 0 to 60 s
    std::chrono::milliseconds jitter{0};  ///< up to so much on top; 0 to 60 s

    double throttle_rate = 0; ///< 429, not accepted
    std::chrono::seconds retry_after{1};
    double error_rate = 0;        ///< `error_status`, not accepted
    int error_status = 500;       ///< 400 to 599
    double reset_before_rate = 0; ///< not accepted, the connection is reset
    double reset_after_rate = 0;  ///< accepted, the connection is reset
    double hang_rate = 0;         ///< accepted, never answered
    double truncate_rate = 0;     ///< accepted, the answer is cut
    double ignore_keys_rate = 0;  ///< taken as if it had come without an Idempotency-Key
    int refuse_every = 0;         ///< numbers that it divides are answered `refuse_status`, whenever they come; 0: none
    int refuse_status = 403;      ///< 400 to 599, not accepted

    std::chrono::milliseconds receipt_delay{500}; ///< after the answer; 0 to 10 min
    double receipt_first_rate = 0;                ///< posted, and answered, before the request's own answer
    double receipt_double_rate = 0;
    double receipt_shuffle_rate = 0; ///< up to 2 s later than its turn
    double receipt_lost_rate = 0;
    double receipt_failed_rate = 0; ///< says `failed`
    ReceiptEcho receipt_echo = ReceiptEcho::message_id;

    friend bool operator==(const MockFaults&, const MockFaults&) = default;
};

struct MockOptions {
    MockFaults faults;                          ///< at the start, and after DELETE /_mock/faults
    std::string webhook_url{};                  ///< of messages that come without one; empty: those are refused
    std::size_t receipt_connections = 1024;     ///< per origin of webhooks at most; 1 to 4096
    std::size_t max_messages = 2'000'000;       ///< remembered, about 130 bytes each; the oldest are forgotten
    std::size_t max_waiting_receipts = 250'000; ///< 64 bytes each; beyond it /send answers 503
};

/// An SMS provider for tests, over HTTP: takes messages, posts receipts, and misbehaves as it is told.
///
/// `POST /send` `{"message_id","to","body","dlr_webhook_url"}` with an `Idempotency-Key` → 202
/// `{"provider_id","message_id"}`; the same key again is answered the same and accepted once, with another body it is a
/// 422. `GET|POST|DELETE /_mock/faults`, `GET /_mock/stats`, `GET|DELETE /_mock/ledger`: see the README beside the
/// sources. Belongs to one shard. Outlives the server of its routes; a webhook is called at most 10 times in 5 minutes.
class MockProvider {
public:
    MockProvider(asio::io_context& shard, MockOptions options);
    MockProvider(const MockProvider&) = delete;
    MockProvider& operator=(const MockProvider&) = delete;
    ~MockProvider();

    std::vector<http::Route> routes();

    /// Posts receipts. Ends after stop().
    Awaitable<> run();

    /// Call it before that of the server: ends the waits of requests under way, answers new ones 503, and drops
    /// whatever receipts still wait.
    Awaitable<> stop(Deadline deadline);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace smsbcast::mock
