#pragma once

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/domain/phone_number.hpp"
#include "smsbcast/http/problem.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace smsbcast::mock {

struct SendRequest {
    MessageId message;
    bool named = false; ///< by that id; false: it came with none, or with a text for which the id stands
    PhoneNumber phone = PhoneNumber::from_digits(0);
    std::string webhook_url; ///< not looked at yet; empty when none was given
};

/// Reads the body of `POST /send`, as generously as providers do: a byte-order mark, a `message_id` that is any text or
/// number or missing, a `to` that is no international number, a webhook that is missing, null or empty, members beyond
/// these. 400 for what is not JSON, and for members that are missing or of another type; 422 for a number without
/// digits.
std::variant<SendRequest, http::Problem> read_send_request(std::string_view body);

} // namespace smsbcast::mock
