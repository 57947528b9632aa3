#include "smsbcast/app/send_messages.hpp"

#include "lease_keeper.hpp"
#include "result_recorder.hpp"
#include "send_context.hpp"
#include "submitter.hpp"
#include "ticket_marker.hpp"
#include "ticket_taker.hpp"

#include <utility>

namespace smsbcast::app {

namespace {

// Results that wait for the database are bounded by this many batches; then the submit loops wait as well.
constexpr std::size_t kUnrecordedBatches = 4;

SendBoardOptions board_options(const ProviderLane& lane, const SendOptions& options) {
    return {.mark_in_flight = lane.marks_in_flight(), .most_unrecorded = kUnrecordedBatches * options.result_batch};
}

} // namespace

/// The way of a ticket through a lane: taken, marked, submitted, recorded, and its lease kept meanwhile. The loops meet
/// at the board.
struct SendMessages::Pipeline {
    Pipeline(const LaneSetup& setup, TicketStore& store, Clock& clock, const SendOptions& options, WorkerId worker)
        : lane(setup.provider, setup.options), context(clock, options, board_options(lane, options)),
          recorder(context, setup.consumer, store, lane), marker(context, store, lane),
          submitter(context, lane, recorder, marker), taker(context, setup.consumer, store, lane, recorder, worker),
          keeper(context, store, lane, submitter) {
        context.join({&recorder, &submitter, &marker, &taker, &keeper});
    }

    ProviderLane lane;
    SendContext context;
    ResultRecorder recorder;
    TicketMarker marker;
    Submitter submitter;
    TicketTaker taker;
    LeaseKeeper keeper;
};

SendMessages::SendMessages(const std::vector<LaneSetup>& lanes, TicketStore& store, Clock& clock, SendOptions options)
    : clock_(clock), options_(options) {
    const WorkerId worker{new_uuid()};
    for (const auto& setup : lanes)
        pipelines_.push_back(std::make_unique<Pipeline>(setup, store, clock_, options_, worker));
}

SendMessages::~SendMessages() = default;

boost::asio::awaitable<void> SendMessages::take(std::size_t lane) {
    return pipelines_.at(lane)->taker.run();
}

boost::asio::awaitable<void> SendMessages::mark_in_flight(std::size_t lane) {
    return pipelines_.at(lane)->marker.run();
}

boost::asio::awaitable<void> SendMessages::submit(std::size_t lane) {
    return pipelines_.at(lane)->submitter.run();
}

boost::asio::awaitable<void> SendMessages::record(std::size_t lane) {
    return pipelines_.at(lane)->recorder.run();
}

boost::asio::awaitable<void> SendMessages::keep(std::size_t lane) {
    return pipelines_.at(lane)->keeper.run();
}

void SendMessages::stop(Deadline deadline) {
    for (auto& pipeline : pipelines_)
        pipeline->context.stop(deadline);
}

std::size_t SendMessages::in_hand() const {
    std::size_t tickets = 0;
    for (const auto& pipeline : pipelines_)
        tickets += pipeline->context.board().tickets();
    return tickets;
}

const std::string& SendMessages::name(std::size_t lane) const {
    return pipelines_.at(lane)->lane.name();
}

ProviderView SendMessages::provider(std::size_t lane) const {
    return pipelines_.at(lane)->lane.view(clock_.now());
}

RecordingView SendMessages::recording() const {
    RecordingView all;
    for (const auto& pipeline : pipelines_) {
        const RecordingView one = pipeline->recorder.view();
        all.stalled = all.stalled || one.stalled;
        all.put_aside += one.put_aside;
    }
    return all;
}

} // namespace smsbcast::app
