#include "small_object.hpp"

#include "smsbcast/domain/message_text.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace smsbcast::transport {

namespace json = boost::json;

namespace {

constexpr int kMostStrangers = 20;

} // namespace

std::optional<SmallObject> SmallObject::parse(std::string_view body) {
    if (body.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return SmallObject(json::object());
    json::error_code error;
    auto value = json::parse({body.data(), body.size()}, error);
    if (error || !value.is_object())
        return std::nullopt;
    return SmallObject(std::move(value.get_object()));
}

http::Problem SmallObject::no_object() {
    return {400, "malformed_json", "The body must be a JSON object, or empty.", {}, {}};
}

std::optional<std::string> SmallObject::text(std::string_view name) const {
    const auto* value = find(name);
    const auto* text = value ? value->if_string() : nullptr;
    return text ? std::optional(std::string(text->data(), text->size())) : std::nullopt;
}

void SmallObject::find_strangers(std::initializer_list<std::string_view> known,
                                 std::vector<http::FieldError>& errors) const {
    int listed = 0;
    for (const auto& member : members_) {
        const std::string_view name(member.key().data(), member.key().size());
        if (std::ranges::find(known, name) == known.end() && ++listed <= kMostStrangers)
            errors.push_back({clean_text(name, 100), {}, "unknown_field", "this request has no such field"});
    }
}

} // namespace smsbcast::transport
