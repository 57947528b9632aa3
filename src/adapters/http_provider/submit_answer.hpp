#pragma once

#include "smsbcast/http/client.hpp"
#include "smsbcast/ports/sms_provider.hpp"

#include <chrono>

namespace smsbcast::adapters::http_provider {

/// Reads the answer to one submission. What it cannot read it leaves out, which classify() takes for uncertain.
///
/// An id is a string of 1 to 255 bytes without control characters and blanks at its ends, or a number as it is written.
/// What an answer without an id says is kept, as far as it is text: cut short, and with every number that may be a
/// telephone number masked.
HttpAnswer read_answer(const http::ClientResponse& response, const Submission& submission,
                       std::chrono::system_clock::time_point now);

/// What is known of an answer that broke off: status and Retry-After when its head came whole,
/// otherwise nothing.
HttpAnswer read_head(const http::ClientError& error, std::chrono::system_clock::time_point now);

} // namespace smsbcast::adapters::http_provider
