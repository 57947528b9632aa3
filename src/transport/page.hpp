#pragma once

#include "cursor.hpp"
#include "smsbcast/http/query.hpp"

#include <optional>
#include <vector>

namespace smsbcast::transport {

/// `limit` of a query, 1 to app::kMaxPage, without one app::kDefaultPage. Adds what is wrong with it to `errors`.
int read_limit(const http::Query& query, std::vector<http::FieldError>& errors);

/// `cursor` of a query: the last id of the page before.
std::optional<Uuid> read_cursor(const http::Query& query, const CursorScope& scope,
                                std::vector<http::FieldError>& errors);

} // namespace smsbcast::transport
