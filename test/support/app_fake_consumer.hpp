#pragma once

#include "smsbcast/ports/message_queue.hpp"
#include "support/app_script.hpp"

#include <functional>
#include <map>

namespace smsbcast::test {

/// A queue whose deliveries the test makes; remembers what became of each.
class FakeConsumer : public TicketConsumer {
public:
    enum class State { waiting, handed_out, acknowledged, requeued };

    FakeConsumer(Script& script, ManualClock& clock) : script_(script), clock_(clock), arrived_(clock.make_signal()) {}

    DeliveryTag deliver(const TicketRef& ticket) {
        const DeliveryTag tag{1, ++last_tag_};
        deliveries[tag] = {ticket, State::waiting};
        arrived_->notify_all();
        return tag;
    }

    int count(State state) const {
        return static_cast<int>(std::count_if(deliveries.begin(), deliveries.end(),
                                              [&](const auto& entry) { return entry.second.second == state; }));
    }

    asio::awaitable<Result<std::vector<Delivery>>> receive(Deadline deadline) override {
        const auto fault = co_await script_.call("receive");
        if (fault)
            co_return make_error_code(Errc::unavailable);
        while (!stopped) {
            std::vector<Delivery> out;
            for (auto& [tag, delivery] : deliveries) {
                if (delivery.second == State::waiting) {
                    delivery.second = State::handed_out;
                    out.push_back({delivery.first, tag, false});
                }
            }
            if (!out.empty() || clock_.now() >= deadline.at())
                co_return out;
            co_await arrived_->wait(deadline);
        }
        co_return Errc::stopping;
    }

    void acknowledge(std::vector<DeliveryTag> tags) override { settle(tags, State::acknowledged); }
    void requeue(std::vector<DeliveryTag> tags) override { settle(tags, State::requeued); }
    bool connected() const override { return true; }

    asio::awaitable<void> stop_intake(Deadline) override {
        stopped = true;
        arrived_->notify_all();
        co_return;
    }
    asio::awaitable<void> stop(Deadline) override { co_return; }

    std::map<DeliveryTag, std::pair<TicketRef, State>> deliveries;
    std::function<void(const TicketRef&)> on_acknowledge;
    bool stopped = false;

private:
    void settle(const std::vector<DeliveryTag>& tags, State state) {
        for (const auto& tag : tags) {
            auto& delivery = deliveries.at(tag);
            CHECK(delivery.second == State::handed_out);
            if (state == State::acknowledged && on_acknowledge)
                on_acknowledge(delivery.first);
            delivery.second = state;
        }
    }

    Script& script_;
    ManualClock& clock_;
    std::unique_ptr<Signal> arrived_;
    std::uint64_t last_tag_ = 0;
};

} // namespace smsbcast::test
