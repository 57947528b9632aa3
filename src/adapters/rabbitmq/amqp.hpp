#pragma once

#include "librabbitmq.hpp"

#include <chrono>
#include <cstring>
#include <string>
#include <string_view>

#include <sys/time.h>

namespace smsbcast::adapters::rabbitmq {

/// The library's own way to pass text. It neither changes nor keeps the bytes, whatever the missing
/// `const` says.
inline amqp_bytes_t to_bytes(std::string_view text) {
    return {text.size(), const_cast<char*>(text.data())};
}

/// Valid for as long as the frame that the bytes came with.
inline std::string_view to_view(const amqp_bytes_t& bytes) {
    return {static_cast<const char*>(bytes.bytes), bytes.len};
}

inline ::timeval to_timeval(std::chrono::milliseconds time) {
    return {static_cast<time_t>(time.count() / 1000), static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

/// What a frame's method carries; `T` must be the struct of its id.
template <class T>
const T& decoded(const amqp_method_t& method) {
    return *static_cast<const T*>(method.decoded);
}

} // namespace smsbcast::adapters::rabbitmq
