#pragma once

#include "amqp.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace smsbcast::adapters::rabbitmq {

/// A message that the broker sent: a delivery, or one of ours that came back.
struct Content {
    bool returned = false;
    // of a delivery
    std::uint64_t delivery_tag = 0;
    bool redelivered = false;
    std::int64_t given_back = 0; ///< how often a consumer did so before; kept by quorum queues
    // of a returned one
    int reply_code = 0;
    std::string reply_text;
    std::string correlation_id;

    std::string body; ///< no more than one byte above the limit is kept of it
};

/// Puts messages together from their frames: the method, a header with the body's size, the body in
/// pieces. The library can do that too, but it waits for missing frames without a limit. Pure.
class ContentReader {
public:
    explicit ContentReader(std::size_t max_body) : max_body_(max_body) {}

    /// False when the frame belongs to no message: the caller's own. `out` is filled by the last frame of one.
    bool feed(const amqp_frame_t& frame, std::optional<Content>& out);

private:
    bool begin(const amqp_method_t& method);
    void read_header(const amqp_basic_properties_t& properties);

    std::size_t max_body_;
    std::optional<Content> open_;
    std::uint64_t missing_ = 0;
};

} // namespace smsbcast::adapters::rabbitmq
