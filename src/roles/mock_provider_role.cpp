#include "make.hpp"

#include "smsbcast/mock/mock_provider.hpp"

namespace smsbcast::roles {

namespace {

mock::MockFaults faults(const config::Mock& mock) {
    return {.latency = mock.latency,
            .jitter = mock.jitter,
            .throttle_rate = mock.throttle_rate,
            .retry_after = std::chrono::ceil<std::chrono::seconds>(mock.retry_after),
            .error_rate = mock.error_rate,
            .error_status = static_cast<int>(mock.error_status),
            .reset_after_rate = mock.reset_rate,
            .hang_rate = mock.hang_rate,
            .truncate_rate = mock.truncate_rate,
            .receipt_delay = mock.receipt_delay,
            .receipt_first_rate = mock.receipt_first_rate,
            .receipt_double_rate = mock.receipt_double_rate,
            .receipt_shuffle_rate = mock.receipt_shuffle_rate,
            .receipt_lost_rate = mock.receipt_lost_rate,
            .receipt_failed_rate = mock.receipt_failed_rate,
            .receipt_echo = mock.receipt_echo == config::ReceiptEcho::provider_id ? mock::ReceiptEcho::provider_id
                                                                                  : mock::ReceiptEcho::message_id};
}

class MockProviderRole final : public runtime::Service {
public:
    MockProviderRole(const config::Config& config, boost::asio::io_context& shard)
        : config_(config), host_(shard, config, "mock-provider"),
          mock_(shard, {.faults = faults(config.mock),
                        .webhook_url = config.dlr.webhook_url,
                        .receipt_connections = config.mock.receipt_connections}) {}

    Awaitable<Result<void>> start() override {
        const auto listening =
            host_.listen("MOCK_PROVIDER_ADDR", config_.http_addr[config::Role::mock_provider], mock_.routes());
        if (!listening)
            co_return listening;
        host_.tasks().spawn("receipts", [this] { return mock_.run(); });
        host_.open();
        co_return Result<void>();
    }

    Awaitable<> stop(Deadline deadline) override {
        host_.begin_stop();
        co_await mock_.stop(deadline); // ends what hangs by order of a fault
        co_await host_.stop_listening(deadline);
        co_await host_.join(deadline);
    }

private:
    const config::Config& config_;
    RoleHost host_;           // listener, health, tasks
    mock::MockProvider mock_; // accepts, remembers, misbehaves
};

} // namespace

std::unique_ptr<runtime::Service> make_mock_provider(const config::Config& config, const Backend&,
                                                     boost::asio::io_context& shard) {
    return std::make_unique<MockProviderRole>(config, shard);
}

} // namespace smsbcast::roles
