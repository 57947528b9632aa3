#pragma once

#include "smsbcast/base/timestamp.hpp"

#include <string>
#include <string_view>

namespace smsbcast {

/// An installation is held: nothing has been handed to a provider since then.
struct Hold {
    Timestamp since;
    std::string because; ///< one sentence or more, for people

    friend bool operator==(const Hold&, const Hold&) = default;
};

/// The reasons for which a store holds itself: what was seen, as the beginning of a sentence for
/// hold_reason().
inline constexpr std::string_view kStoreMoved = "the tables were restored or copied";
inline constexpr std::string_view kFileMoved = "the file was restored or copied here";
inline constexpr std::string_view kFileOlder = "the file is an older copy: messages were handed over after it was made";
inline constexpr std::string_view kTicketAhead = "a ticket of the queue is ahead of the store, which is an older copy";
inline constexpr std::string_view kReceiptAhead =
    "a receipt came for a message that was never handed over, so the store is an older copy";

/// The reason as users read it: what was seen, and the two ways on.
std::string hold_reason(std::string_view seen);

/// The class and the code of the error of a message that is assumed to have been sent, and its sentence.
inline constexpr std::string_view kAssumedSent = "assumed_sent";
inline constexpr std::string_view kRestored = "restored";
std::string assumed_sent_sentence(Timestamp since);

} // namespace smsbcast
