#include "smsbcast/domain/hold.hpp"

namespace smsbcast {

// The reason names both ways out, since whoever reads it at night has neither the manual nor the
// history of the store at hand.
std::string hold_reason(std::string_view seen) {
    return std::string(seen) +
           ". `smsbcast release --assume-sent SINCE`, with the time of the backup, sends nothing of what may have gone "
           "out since; `smsbcast release` sends all that waits, some of it perhaps twice";
}

std::string assumed_sent_sentence(Timestamp since) {
    return "it may have been sent after the backup of " + to_rfc3339(since) +
           " that the store was restored from, and was not sent again";
}

} // namespace smsbcast
