#include "smsbcast/app/provider_lane.hpp"
#include "smsbcast/base/log.hpp"

#include "outcome_signs.hpp"

#include <cmath>
#include <utility>

namespace smsbcast::app {

namespace {
/// The error class of a refusal that was not said to mean everybody. It is remembered where it cost nothing, too:
/// should the provider accept others and refuse this message again, it was the message's own fault.
constexpr std::string_view kDisputed = "disputed";
} // namespace

ProviderLane::ProviderLane(SmsProvider& provider, LaneOptions options, Draw draw)
    : provider_(provider), options_(std::move(options)), draw_(draw), breaker_(options_.breaker),
      window_(options_.window), disputes_(options_.disputes) {}

ProviderLane::TimePoint ProviderLane::opens_at(TimePoint now) const {
    return breaker_.admits() && window_.admits() ? rate_.opens_at(now) : TimePoint::max();
}

std::size_t ProviderLane::room() const {
    return window_.admits() ? window_.size() - window_.in_flight() : 0;
}

std::optional<SendItem> ProviderLane::next(SendBoard& board, TimePoint now) const {
    return circuit() == Circuit::half_open ? board.probe(now, draw_(), draw_()) : board.next(now);
}

LaneSubmission ProviderLane::begin(SendItem item, int weight, TimePoint now) {
    return {std::move(item), now, breaker_.begin(), rate_.begin(now, weight), window_.begin(now)};
}

LaneNews ProviderLane::end(LaneSubmission submission, SubmitOutcome outcome, TimePoint now) {
    LaneNews news;
    std::optional<SubmitOutcome> known;
    const bool is_disputed = std::holds_alternative<Disputed>(outcome);
    if (is_disputed)
        known = judge(submission, std::get<Disputed>(std::move(outcome)), now, news);
    else
        known = std::move(outcome);
    if (known) {
        learn(submission, *known, now, news);
        news.concluded.push_back(conclude(std::move(submission.item), std::move(*known), is_disputed));
    }
    if (const auto finding = disputes_.take_finding(now))
        settle_kept_back(*finding, now, news);
    return news;
}

LaneNews ProviderLane::settle_disputes(TimePoint now) {
    LaneNews news;
    if (const auto finding = disputes_.take_finding(now))
        settle_kept_back(*finding, now, news);
    return news;
}

LaneNews ProviderLane::stop(TimePoint now) {
    stopping_ = true;
    LaneNews news;
    settle_kept_back(DisputedRefusals::Finding::unproven, now, news);
    return news;
}

bool ProviderLane::may_take(TimePoint now) {
    if (breaker_.try_again(now))
        log::debug("circuit_half_open");
    return circuit() != Circuit::open;
}

ProviderView ProviderLane::view(TimePoint now) const {
    return {circuit(), trouble_, breaker_.since(), rate_.limit(now), window_.size(), window_.in_flight()};
}

// What the end of a submission tells of the provider. What is given up while stopping tells nothing.
void ProviderLane::learn(const LaneSubmission& submission, const SubmitOutcome& outcome, TimePoint now,
                         LaneNews& news) {
    window_.end(submission.flight, flight_end(outcome), now);
    if (stopping_)
        return;
    if (breaker_.end(submission.epoch, breaker_sign(outcome), now, draw_()))
        note_circuit(trouble_of(outcome), now, news);
    if (was_accepted(outcome))
        note_acceptance(submission, now, news);
    note_pace(rate_.end(submission.rate, std::holds_alternative<Throttled>(outcome), now), now);
}

// While the lane is held for what the provider refuses, one more refusal says nothing of its message. A refusal that is
// kept back until it is known whose fault it is gives no outcome.
std::optional<SubmitOutcome> ProviderLane::judge(const LaneSubmission& submission, Disputed refusal, TimePoint now,
                                                 LaneNews& news) {
    if (breaker_.refused())
        return Refused{std::move(refusal.code), std::move(refusal.message)};
    if (submission.item.message.refused_before && accepted_since(submission.item))
        return Rejected{std::move(refusal.code), std::move(refusal.message)};
    if (stopping_)
        return refusal;
    learn(submission, refusal, now, news);
    disputes_.refused(submission.item.message.id, submission.at, now);
    kept_back_.push_back({submission.item, std::move(refusal)});
    return std::nullopt;
}

// A message that is tried again is in a ticket that was made when it had been tried. The clocks of other workers may be
// a little off; at worst a message is asked for once more, or once less.
bool ProviderLane::accepted_since(const SendItem& item) const {
    return accepted_at_ && *accepted_at_ >= uuid_time(item.ticket.id.value);
}

void ProviderLane::note_acceptance(const LaneSubmission& submission, TimePoint now, LaneNews& news) {
    // The wall clock, since this is compared with the times in ids only.
    accepted_at_ = std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now());
    const bool blamed_wrongly = trouble_ && trouble_->disputed && disputes_.contradicts(submission.at);
    disputes_.accepted();
    if (blamed_wrongly && breaker_.close(now))
        note_circuit({}, now, news);
}

void ProviderLane::note_pace(AdaptiveRate::Change change, TimePoint now) const {
    if (change == AdaptiveRate::Change::limited)
        log::warn("provider_throttles", {{"limit_per_s", std::lround(rate_.limit(now).value_or(0))}});
    else if (change == AdaptiveRate::Change::lifted)
        log::info("provider_throttles_no_more");
}

void ProviderLane::note_circuit(ProviderTrouble why, TimePoint now, LaneNews& news) {
    if (circuit() == Circuit::closed) {
        log::info("circuit_closed");
        trouble_.reset();
        news.closed = true;
        return;
    }
    const bool known = trouble_ && trouble_->refused == why.refused && trouble_->code == why.code;
    why.disputed = why.disputed || (known && trouble_->disputed);
    trouble_ = std::move(why);
    // Once for each trouble, not once a probe.
    const auto level = known ? log::Level::debug : log::Level::warn;
    log::write(level, trouble_->refused ? "provider_refuses" : "circuit_opened",
               {{"setting", "PROVIDER_URL"},
                {"address", options_.address},
                {"code", trouble_->code},
                {"message", trouble_->message},
                {"pause_ms", breaker_.open_until() - now}});
    news.opened = true;
}

void ProviderLane::settle_kept_back(DisputedRefusals::Finding finding, TimePoint now, LaneNews& news) {
    using Finding = DisputedRefusals::Finding;
    auto settled = std::exchange(kept_back_, {});
    if (settled.empty())
        return;
    if (finding == Finding::lane && breaker_.refuse(now, draw_())) {
        const Disputed& last = settled.back().refusal;
        note_circuit({.refused = true, .disputed = true, .code = last.code, .message = last.message}, now, news);
    }
    for (auto& [item, refusal] : settled) {
        SubmitOutcome outcome = Disputed{refusal.code, refusal.message, finding == Finding::messages};
        if (finding == Finding::lane)
            outcome = Refused{refusal.code, refusal.message};
        news.concluded.push_back(conclude(std::move(item), std::move(outcome), true));
    }
}

Concluded ProviderLane::conclude(SendItem item, SubmitOutcome outcome, bool is_disputed) const {
    MessageResult result;
    result.ticket = item.ticket;
    result.message = item.message.id;
    result.provider = provider_.name();
    result.verdict = decide(item.message, outcome, options_.retry, draw_(), breaker_.provider_away());
    if (is_disputed && std::holds_alternative<Refused>(outcome) && result.verdict.error)
        result.verdict.error->error_class = kDisputed;
    if (auto* accepted = std::get_if<Accepted>(&outcome)) {
        result.provider_id = accepted->provider_id;
        if (!accepted->repeats_our_id) {
            result.references = std::move(accepted->further_ids);
            result.references.insert(result.references.begin(), std::move(accepted->provider_id));
        }
    }
    return {std::move(item), std::move(result)};
}

} // namespace smsbcast::app
