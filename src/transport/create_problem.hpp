#pragma once

#include "broadcast_fields.hpp"

namespace smsbcast::transport {

/// The 422 for mistakes of form (`reading`) and of content (CreateBroadcast::check), told at once: by field, recipients
/// by index, at most 100 of those listed and all counted. `reading` is what was read, without its input.
http::Problem create_problem(const BroadcastReading& reading, const app::CreateErrors& errors,
                             const app::BroadcastLimits& limits);

} // namespace smsbcast::transport
