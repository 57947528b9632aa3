#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace smsbcast {

/// The public life of a message. The names are those of the API and of the database's enum.
enum class MessageStatus : std::uint8_t {
    pending,    ///< committed; its ticket waits in the outbox
    queued,     ///< its ticket is in the broker (advisory)
    sending,    ///< a worker holds its ticket under a lease
    sent,       ///< the provider accepted it
    unknown,    ///< it may have reached the provider, and no answer tells
    delivered,  ///< a receipt said so
    failed,     ///< refused for good, attempts used up, or a receipt said so
    canceled,   ///< the broadcast was canceled before it was handed over
    expired,    ///< its time passed before it was handed over
    suppressed, ///< the recipient does not want messages
};

inline constexpr std::array kMessageStatuses{
    MessageStatus::pending, MessageStatus::queued,    MessageStatus::sending, MessageStatus::sent,
    MessageStatus::unknown, MessageStatus::delivered, MessageStatus::failed,  MessageStatus::canceled,
    MessageStatus::expired, MessageStatus::suppressed};

std::string_view to_string(MessageStatus status);
std::optional<MessageStatus> parse_message_status(std::string_view text);

/// The parties that move messages.
enum class Actor : std::uint8_t { relay, worker, receipt, sweeper, api };

struct Transition {
    MessageStatus from;
    MessageStatus to;
    Actor actor;
};

/// Every move there is; any other is refused. The SQL guards say the same, and a test holds them
/// together.
std::span<const Transition> transitions();

bool may_move(MessageStatus from, MessageStatus to, Actor actor);

/// True for a status out of which no transition leads, except failed → delivered.
bool is_final(MessageStatus status);

/// True while the message is still our business: pending, queued, sending, unknown. A broadcast
/// completes when no message is.
bool is_in_our_hands(MessageStatus status);

/// True for a status that a message row itself holds; pending covers queued and sending, which
/// belong to its ticket.
bool is_stored(MessageStatus status);

} // namespace smsbcast
