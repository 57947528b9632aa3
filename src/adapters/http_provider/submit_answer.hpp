#pragma once

#include "smsbcast/ports/sms_provider.hpp"
#include "smsbcast/runtime/http_client.hpp"

#include <chrono>

namespace smsbcast::adapters::http_provider {

/// Reads the answer to one submission. What it cannot read it leaves out, which classify() takes for uncertain.
///
/// An id is a string of 1 to 255 bytes without control characters. What the body says went wrong is cut short and holds
/// the recipient's number masked only.
HttpAnswer read_answer(const runtime::HttpResponse& response, const Submission& submission,
                       std::chrono::system_clock::time_point now);

} // namespace smsbcast::adapters::http_provider
