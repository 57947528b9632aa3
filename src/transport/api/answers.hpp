#pragma once

#include "smsbcast/base/uuid.hpp"
#include "smsbcast/transport/problem.hpp"

#include <optional>
#include <vector>

namespace smsbcast::transport {

Response failed(const boost::system::error_code& error, const Request& request);

/// 422, for parameters of the query.
Response bad_query(std::vector<FieldError> errors, const Request& request);

/// 400, for an id in the path.
Response bad_id(const Request& request);

/// The id in the path.
std::optional<Uuid> id_of(const Request& request);

} // namespace smsbcast::transport
