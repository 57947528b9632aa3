#include "smsbcast/http/query.hpp"

#include "smsbcast/http/percent.hpp"

#include <algorithm>

namespace smsbcast::http {

namespace {

// Takes off what stands before the separator, and the separator.
std::string_view cut(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    const auto head = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    return head;
}

} // namespace

Query::Query(std::string_view text) {
    for (std::size_t count = 0; !text.empty();) {
        auto rest = cut(text, '&');
        if (rest.empty())
            continue;
        if (++count > kMost) {
            mistakes_.push_back({"query", {}, "too_many_parameters", "may have at most 64 parameters"});
            break;
        }
        auto name = percent_decode(cut(rest, '='), true);
        auto value = percent_decode(rest, true);
        if (!name || !value)
            mistakes_.push_back({name.value_or("query"), {}, "malformed", "has a broken percent-encoding"});
        else if (get(*name))
            mistakes_.push_back({std::move(*name), {}, "duplicate", "may be given once only"});
        else
            values_.emplace_back(std::move(*name), std::move(*value));
    }
}

std::optional<std::string_view> Query::get(std::string_view name) const {
    for (const auto& [key, value] : values_)
        if (key == name)
            return value;
    return std::nullopt;
}

std::vector<FieldError> Query::mistakes(std::initializer_list<std::string_view> known) const {
    auto all = mistakes_;
    std::string listed;
    for (const auto name : known)
        listed.append(listed.empty() ? "" : ", ").append(name);
    for (const auto& value : values_)
        if (std::ranges::find(known, value.first) == known.end())
            all.push_back({value.first,
                           {},
                           "unknown_parameter",
                           listed.empty() ? "no parameter is known here" : "is not known here; known: " + listed});
    return all;
}

} // namespace smsbcast::http
