#pragma once

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/domain/phone_number.hpp"
#include "smsbcast/transport/problem.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace smsbcast::transport {

struct SendRequest {
    MessageId message;
    PhoneNumber phone = PhoneNumber::from_digits(0);
    std::string webhook_url; ///< not looked at yet
};

/// Reads the body of `POST /send`. 400 for what is not JSON, and for members that are missing or of another type; 422
/// for a number that is none. Members beyond these are let through.
std::variant<SendRequest, Problem> read_send_request(std::string_view body);

} // namespace smsbcast::transport
