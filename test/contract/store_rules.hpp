#pragma once

#include "store_driver.hpp"

#include "smsbcast/domain/message_rules.hpp"

namespace smsbcast::test {

inline constexpr milliseconds kHour{3'600'000};
inline constexpr auto kBooleans = {false, true};

/// The classes of errors that some rule looks for, none, and one that no rule looks for.
inline constexpr const char* kClasses[] = {
    "", "receipt", "rejected", "disputed", "unidentified", "assumed_sent", "unknown", "attempts_exhausted"};

inline MessageFacts facts_of(MessageStatus status, bool has_sent_at = false, std::string_view error_class = "") {
    MessageFacts facts;
    facts.status = status;
    facts.has_sent_at = has_sent_at;
    facts.error_class = error_class;
    return facts;
}

} // namespace smsbcast::test
