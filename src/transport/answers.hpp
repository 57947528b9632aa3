#pragma once

#include "smsbcast/base/uuid.hpp"
#include "smsbcast/http/problem.hpp"

#include <optional>
#include <vector>

namespace smsbcast::transport {

http::Response failed(const boost::system::error_code& error, const http::Request& request);

/// 422, for parameters of the query.
http::Response bad_query(std::vector<http::FieldError> errors, const http::Request& request);

/// 400, for an id in the path.
http::Response bad_id(const http::Request& request);

/// The id in the path.
std::optional<Uuid> id_of(const http::Request& request);

} // namespace smsbcast::transport
