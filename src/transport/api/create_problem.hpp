#pragma once

#include "broadcast_fields.hpp"

namespace smsbcast::transport {

/// What CreateBroadcast would say of the content of a document that has mistakes of form, so that both are told at
/// once.
app::CreateErrors content_errors(const app::CreateBroadcast::Input& input, const app::BroadcastLimits& limits);

/// The 422 for both kinds of mistakes: by field, recipients by index, at most 100 of those listed and all counted.
/// `reading` is what was read, without its input.
Problem create_problem(const BroadcastReading& reading, const app::CreateErrors& errors,
                       const app::BroadcastLimits& limits);

} // namespace smsbcast::transport
