#include "phase_timer.hpp"

#include <boost/asio/steady_timer.hpp>

namespace smsbcast::http {

using Clock = Deadline::Clock;

struct PhaseTimer::State {
    State(asio::io_context& shard, ByteStream& watched) : timer(shard), stream(&watched) {}

    asio::steady_timer timer;
    ByteStream* stream; // null once its owner is gone; a handler of the timer may still come
    Clock::time_point deadline = Clock::time_point::max();
    Clock::time_point armed_for = Clock::time_point::max();
    bool expired = false;
};

PhaseTimer::PhaseTimer(asio::io_context& shard, ByteStream& stream) : state_(std::make_shared<State>(shard, stream)) {}

PhaseTimer::~PhaseTimer() {
    state_->stream = nullptr;
    state_->timer.cancel();
}

void PhaseTimer::start(Clock::duration budget) {
    state_->expired = false;
    state_->deadline = Clock::now() + budget;
    if (state_->deadline < state_->armed_for)
        arm(state_);
}

void PhaseTimer::off() {
    state_->expired = false;
    state_->deadline = Clock::time_point::max();
}

bool PhaseTimer::expired() const {
    return state_->expired;
}

void PhaseTimer::arm(const std::shared_ptr<State>& state) {
    state->armed_for = state->deadline;
    state->timer.expires_at(state->deadline);
    state->timer.async_wait([state](const boost::system::error_code& error) {
        if (error || state->stream == nullptr)
            return;
        state->armed_for = Clock::time_point::max();
        if (state->deadline == Clock::time_point::max())
            return;
        if (Clock::now() < state->deadline)
            return arm(state);
        state->expired = true;
        state->stream->cancel();
    });
}

} // namespace smsbcast::http
