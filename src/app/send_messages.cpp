#include "send_messages_state.hpp"
#include "smsbcast/base/log.hpp"

#include <algorithm>

namespace smsbcast::app {

namespace {

// Results that wait for the database are bounded by this many batches; then the lanes wait as well.
constexpr std::size_t kUnrecordedBatches = 4;

SendBoardOptions board_options(const SendOptions& options) {
    return {.mark_in_flight = marks_in_flight(options), .most_unrecorded = kUnrecordedBatches * options.result_batch};
}

std::string_view to_string(TicketEnd end) {
    switch (end) {
    case TicketEnd::finished: return "finished";
    case TicketEnd::given_back: return "given_back";
    case TicketEnd::lost: return "lost";
    }
    return "lost";
}

} // namespace

SendMessages::State::State(TicketConsumer& to_consumer, TicketStore& to_store, SmsProvider& to_provider,
                           Clock& to_clock, SendOptions the_options)
    : consumer(to_consumer), store(to_store), provider(to_provider), clock(to_clock),
      options(the_options), worker{new_uuid()}, board(board_options(the_options)), breaker(the_options.breaker),
      disputes(the_options.disputes), window(the_options.window), taker(clock.make_signal()),
      marker(clock.make_signal()), lanes(clock.make_signal()), recorder(clock.make_signal()),
      keeper(clock.make_signal()) {}

void SendMessages::State::stop(Deadline deadline) {
    stop_by = stopping ? earlier(stop_by, deadline) : deadline;
    abandon_at = Deadline(stop_by.at() - kRecordingTime);
    stopping = true;
    settle_kept_back(DisputedRefusals::Finding::unproven);
    board.stop();
    board_changed();
    for (Signal* signal : {taker.get(), marker.get(), lanes.get(), recorder.get(), keeper.get()})
        signal->notify_all();
}

bool SendMessages::State::over() const {
    return stopping && ((!taking && board.empty()) || out_of_time());
}

Deadline SendMessages::State::within(Deadline::Clock::duration budget) const {
    return earlier(clock.in(budget), stop_by);
}

boost::asio::awaitable<void> SendMessages::State::pause(Signal& signal, std::chrono::milliseconds length) {
    const auto end = clock.now() + length;
    while (clock.now() < std::min(end, stop_by.at()))
        co_await signal.wait(earlier(Deadline(end), stop_by));
}

void SendMessages::State::board_changed() {
    std::vector<DeliveryTag> tags;
    for (const auto& ended : board.take_ended()) {
        tags.insert(tags.end(), ended.tags.begin(), ended.tags.end());
        log::debug("ticket_finished", {{"broadcast_id", ended.broadcast},
                                       {"ticket_id", ended.ref.id},
                                       {"attempt", ended.ref.fence},
                                       {"end", to_string(ended.end)}});
    }
    if (!tags.empty()) {
        consumer.acknowledge(std::move(tags));
        taker->notify_all();
    }
    for (auto wanted = std::min({board.ready(), idle_lanes, room()}); wanted > 0; --wanted)
        lanes->notify_one();
    marker->notify_all();
    if (board.in_flight() == 0)
        recorder->notify_all();
    if (over())
        keeper->notify_all();
}

SendMessages::SendMessages(TicketConsumer& consumer, TicketStore& store, SmsProvider& provider, Clock& clock,
                           SendOptions options)
    : state_(std::make_unique<State>(consumer, store, provider, clock, options)) {}

SendMessages::~SendMessages() = default;

boost::asio::awaitable<void> SendMessages::take() {
    return state_->take();
}

boost::asio::awaitable<void> SendMessages::mark_in_flight() {
    return state_->mark_in_flight();
}

boost::asio::awaitable<void> SendMessages::lane() {
    return state_->lane();
}

boost::asio::awaitable<void> SendMessages::record() {
    return state_->record();
}

boost::asio::awaitable<void> SendMessages::keep() {
    return state_->keep();
}

void SendMessages::stop(Deadline deadline) {
    state_->stop(deadline);
}

std::size_t SendMessages::in_hand() const {
    return state_->board.tickets();
}

ProviderView SendMessages::provider() const {
    const auto now = state_->clock.now();
    return {state_->breaker.state(), state_->trouble,       state_->breaker.since(),
            state_->rate.limit(now), state_->window.size(), state_->window.in_flight()};
}

RecordingView SendMessages::recording() const {
    return {state_->recording.stalled(state_->clock.now()), state_->results_put_aside};
}

} // namespace smsbcast::app
