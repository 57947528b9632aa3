#include "send_messages_state.hpp"
#include "smsbcast/base/random.hpp"

#include <utility>

namespace smsbcast::app {

// While the lane is held for what the provider refuses, one more refusal says nothing of its message.
std::optional<SubmitOutcome> SendMessages::State::judge(const SendItem& item, const Begun& begun, Disputed refusal) {
    if (breaker.refused())
        return Refused{std::move(refusal.code), std::move(refusal.message)};
    if (item.message.refused_before && accepted_since(item))
        return Rejected{std::move(refusal.code), std::move(refusal.message)};
    if (stopping)
        return refusal;
    end_submission(begun, refusal);
    disputes.refused(item.message.id, begun.at, clock.now());
    kept_back.push_back({item, std::move(refusal)});
    return std::nullopt;
}

// A message that is tried again is in a ticket that was made when it had been tried. The clocks of other workers may be
// a little off; at worst a message is asked for once more, or once less.
bool SendMessages::State::accepted_since(const SendItem& item) const {
    return accepted_at && *accepted_at >= uuid_time(item.ticket.id.value);
}

void SendMessages::State::note_acceptance(const Begun& begun) {
    accepted_at = std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now());
    const bool blamed_wrongly = trouble && trouble->disputed && disputes.contradicts(begun.at);
    disputes.accepted();
    if (blamed_wrongly && breaker.close(clock.now()))
        circuit_changed({});
}

void SendMessages::State::settle_disputes() {
    const auto finding = disputes.take_finding(clock.now());
    if (finding)
        settle_kept_back(*finding);
}

void SendMessages::State::settle_kept_back(DisputedRefusals::Finding finding) {
    using Finding = DisputedRefusals::Finding;
    const auto settled = std::exchange(kept_back, {});
    if (settled.empty())
        return;
    if (finding == Finding::lane && breaker.refuse(clock.now(), random_fraction())) {
        const Disputed& last = settled.back().refusal;
        circuit_changed({.refused = true, .disputed = true, .code = last.code, .message = last.message});
    }
    for (const auto& [item, refusal] : settled) {
        if (finding == Finding::lane)
            settle(item, Refused{refusal.code, refusal.message}, kDisputed);
        else
            settle(item, Disputed{refusal.code, refusal.message, finding == Finding::messages});
    }
}

} // namespace smsbcast::app
