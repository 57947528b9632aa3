#include "page.hpp"

#include "smsbcast/app/read_broadcasts.hpp"

#include <fmt/format.h>

#include <charconv>

namespace smsbcast::transport {

int read_limit(const http::Query& query, std::vector<http::FieldError>& errors) {
    const auto text = query.get("limit");
    if (!text)
        return app::kDefaultPage;
    int limit = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
    if (error == std::errc{} && end == text->data() + text->size() && limit >= 1 && limit <= app::kMaxPage)
        return limit;
    errors.push_back({"limit", {}, "out_of_range", fmt::format("must be a whole number from 1 to {}", app::kMaxPage)});
    return app::kDefaultPage;
}

std::optional<Uuid> read_cursor(const http::Query& query, const CursorScope& scope,
                                std::vector<http::FieldError>& errors) {
    const auto text = query.get("cursor");
    if (!text)
        return std::nullopt;
    const auto last = read_cursor(scope, *text);
    if (!last)
        errors.push_back({"cursor",
                          {},
                          "invalid_cursor",
                          "must be the next_cursor of a page of this list with the same filter, unchanged"});
    return last;
}

} // namespace smsbcast::transport
