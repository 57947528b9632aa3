#pragma once

#include "delivery_ledger.hpp"
#include "link.hpp"
#include "topology.hpp"

#include "smsbcast/domain/ticket.hpp"
#include "smsbcast/ports/message_queue.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace smsbcast::adapters::rabbitmq {

enum class Settle { acknowledge, requeue };

/// News for the shard, in the order in which they happened. With `connected` false, every delivery so far is void.
struct ConsumeNews {
    std::uint64_t connection = 0;
    bool connected = false;
    bool intake_ended = false;
    std::vector<Delivery> deliveries;
};

/// The consuming direction: passes deliveries on and settles them as the shard says.
class ConsumeLink final : public Link {
public:
    /// `tell` is called on the AMQP thread.
    ConsumeLink(Topology topology, const Uuid& installation, int prefetch, std::function<void(ConsumeNews)> tell);

    // Commands.
    /// Frames for another connection than the present one are dropped: its broker has the deliveries back already.
    void settle(std::uint64_t connection, Settle how, const std::vector<SettleFrame>& frames);
    void end_intake();

    void opened(Connection& connection) override;
    void on_method(const amqp_method_t& method) override;
    void on_content(Content content) override;
    void on_blocked(bool) override {} // who only consumes is never made to wait
    void turn() override;
    void closed() override;

private:
    enum class Intake { open, ending, ended };

    void park_unreadable(std::uint64_t tag);
    void refuse_foreign(const Content& content, const Uuid& owner);
    void log_foreign();
    void reject(std::uint64_t tag, bool requeue);

    const Topology topology_;
    const Uuid installation_;
    const int prefetch_;
    const std::function<void(ConsumeNews)> tell_;
    Connection* connection_ = nullptr;
    std::uint64_t number_ = 0; ///< of the connection
    Intake intake_ = Intake::open;
    ConsumeNews news_;
    bool changed_ = false;
    std::uint64_t unreadable_ = 0;
    Deadline::Clock::time_point warned_at_{};

    /// Deliveries of other installations since the last log line about them.
    struct Foreign {
        std::int64_t given_back = 0, parked = 0;
        Uuid owner; ///< of the last one
    } foreign_;
    Deadline::Clock::time_point foreign_logged_at_{};
};

} // namespace smsbcast::adapters::rabbitmq
