#pragma once

#include "confirm_window.hpp"
#include "link.hpp"
#include "topology.hpp"

#include "smsbcast/base/result.hpp"
#include "smsbcast/domain/ticket.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace smsbcast::adapters::rabbitmq {

struct PublishBatch {
    std::uint64_t id = 0;
    std::vector<TicketRef> tickets;
    Deadline deadline;
};

/// News for the shard, in the order in which they happened; `state` is the one after them.
struct PublishNews {
    std::vector<Settlement> settled;
    std::vector<std::pair<std::uint64_t, Result<std::int64_t>>> counts; ///< by the id of the question
    Result<void> state = Errc::unavailable;                             ///< of TicketPublisher::state()
};

/// Names the queue whose messages are counted.
enum class Asked { sent, parked };

/// The publishing direction: writes tickets as far as the window of unconfirmed ones allows and follows their confirms.
class PublishLink final : public Link {
public:
    /// `tell` is called on the AMQP thread.
    PublishLink(Topology topology, const Uuid& installation, std::chrono::milliseconds confirm_timeout,
                std::function<void(PublishNews)> tell);

    // Commands.
    void publish(PublishBatch batch);
    void ask(std::uint64_t question, Asked queue);

    void opened(Connection& connection) override;
    void on_method(const amqp_method_t& method) override;
    void on_content(Content content) override;
    void on_blocked(bool blocked) override;
    void turn() override;
    void closed() override;

private:
    struct Waiting {
        PublishBatch batch;
        std::uint32_t next = 0;
    };

    Result<void> state() const;
    bool ready() const { return state().has_value(); }
    void publish_waiting();
    void publish_one(BatchEntry entry, const TicketRef& ticket);
    void give_up_waiting();
    void give_up(Waiting& waiting);
    void check_overdue();
    void check_refused();
    void restore_topology();
    void note(std::vector<Settlement> settled);
    void warn_refused(std::string_view reason);

    const Topology topology_;
    const Uuid installation_;
    const std::chrono::milliseconds confirm_timeout_;
    const std::function<void(PublishNews)> tell_;
    Connection* connection_ = nullptr;
    bool blocked_ = false;
    Deadline::Clock::time_point unblocked_at_{};
    Deadline::Clock::time_point restored_at_{};
    Deadline::Clock::time_point warned_at_{};
    std::optional<Deadline::Clock::time_point> refused_since_{}; ///< nothing was confirmed since
    std::deque<Waiting> waiting_;
    ConfirmWindow window_;
    std::deque<std::uint64_t> questions_; ///< the broker answers in order
    PublishNews news_;
    Result<void> told_ = Errc::unavailable;
};

} // namespace smsbcast::adapters::rabbitmq
