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

class MockProviderRole final : public RoleParts {
public:
    MockProviderRole(RoleHost& host, const config::Config& config)
        : mock_(host.shard(), {.faults = faults(config.mock),
                               .webhook_url = config.dlr.webhook_url,
                               .receipt_connections = config.mock.receipt_connections}) {
        host.serve(mock_.routes());
        host.run("receipts", [this] { return mock_.run(); });
        host.stop_by({[this](Deadline deadline) { return mock_.stop(deadline); }, // ends what hangs by order of a fault
                      host.end_listener(), host.end_tasks()});
    }

private:
    mock::MockProvider mock_; // accepts, remembers, misbehaves
};

} // namespace

std::unique_ptr<RoleParts> make_mock_provider(RoleHost& host) {
    return std::make_unique<MockProviderRole>(host, host.config());
}

} // namespace smsbcast::roles
