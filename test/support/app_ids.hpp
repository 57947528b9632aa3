#pragma once

#include "smsbcast/domain/ticket.hpp"

namespace smsbcast::test {

inline Uuid small_uuid(int number) {
    Uuid id;
    for (int i = 0; i < 4; ++i)
        id.bytes[static_cast<std::size_t>(15 - i)] = static_cast<std::uint8_t>(number >> (8 * i));
    return id;
}

/// The number that it was made of.
inline int number_of(const Uuid& id) {
    int number = 0;
    for (std::size_t i = 12; i < 16; ++i)
        number = number << 8 | id.bytes[i];
    return number;
}

inline BroadcastId broadcast_id(int number) {
    return {small_uuid(number)};
}
inline TicketId ticket_id(int number) {
    return {small_uuid(number)};
}
inline MessageId message_id(int number) {
    return {small_uuid(number)};
}

} // namespace smsbcast::test
