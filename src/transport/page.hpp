#pragma once

#include "cursor.hpp"
#include "smsbcast/http/query.hpp"

#include "smsbcast/base/json_text.hpp"

#include <optional>
#include <string>
#include <vector>

namespace smsbcast::transport {

inline constexpr int kDefaultPage = 100;
inline constexpr int kMaxPage = 1000;

/// `limit` of a query, 1 to 1000. Adds what is wrong with it to `errors`.
int read_limit(const http::Query& query, std::vector<http::FieldError>& errors);

/// `cursor` of a query: the last id of the page before.
std::optional<Uuid> read_cursor(const http::Query& query, const CursorScope& scope,
                                std::vector<http::FieldError>& errors);

/// How many to ask the store for: one more than the page holds tells whether another page follows. The largest page
/// fills the store's own bound, so there a full page counts as "perhaps more".
inline int rows_for(int limit) {
    return limit < kMaxPage ? limit + 1 : limit;
}

/// Cuts the rows to the page. The cursor of the next one, or nothing when this is the last.
template <class Row>
std::optional<std::string> cut_page(std::vector<Row>& rows, int limit, const CursorScope& scope) {
    const auto page = static_cast<std::size_t>(limit);
    const bool more = rows.size() > page || (limit == kMaxPage && rows.size() == page);
    if (!more)
        return std::nullopt;
    rows.erase(rows.begin() + limit, rows.end());
    return make_cursor(scope, rows.back().id.value);
}

} // namespace smsbcast::transport
