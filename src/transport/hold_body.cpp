#include "hold_body.hpp"

#include "smsbcast/domain/message_text.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <vector>

namespace smsbcast::transport {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxReason = 500;
constexpr std::string_view kByHand = "by hand";

using Errors = std::vector<http::FieldError>;

bool is_blank(std::string_view body) {
    return body.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::optional<json::object> parse(std::string_view body) {
    if (is_blank(body))
        return json::object();
    json::error_code error;
    const auto value = json::parse({body.data(), body.size()}, error);
    if (error || !value.is_object())
        return std::nullopt;
    return value.get_object();
}

http::Problem no_object() {
    return {400, "malformed_json", "The body must be a JSON object, or empty.", {}, {}};
}

void find_strangers(const json::object& body, std::string_view known, Errors& errors) {
    for (const auto& member : body) {
        const std::string_view name(member.key().data(), member.key().size());
        if (name != known)
            errors.push_back({clean_text(name, 100), {}, "unknown_field", "this request has no such field"});
    }
}

} // namespace

std::variant<HoldBody, http::Problem> read_hold(std::string_view body) {
    const auto object = parse(body);
    if (!object)
        return no_object();
    Errors errors;
    find_strangers(*object, "because", errors);
    HoldBody hold{std::string(kByHand)};
    if (const auto* value = object->if_contains("because")) {
        const auto* text = value->if_string();
        if (text)
            hold.because = {text->data(), text->size()};
        if (!text || check_message_text(hold.because, kMaxReason))
            errors.push_back({"because", {}, "invalid", "must be a text of 1 to 500 characters"});
    }
    if (!errors.empty())
        return http::Problem{422, "invalid_hold", "This hold is not accepted.", std::move(errors), {}};
    return hold;
}

std::variant<ReleaseBody, http::Problem> read_release(std::string_view body, Timestamp now) {
    const auto object = parse(body);
    if (!object)
        return no_object();
    Errors errors;
    find_strangers(*object, "assume_sent_since", errors);
    ReleaseBody release;
    if (const auto* value = object->if_contains("assume_sent_since")) {
        const auto* text = value->if_string();
        if (text)
            release.assume_sent_since = parse_rfc3339({text->data(), text->size()});
        if (!release.assume_sent_since)
            errors.push_back(
                {"assume_sent_since", {}, "invalid", "must be a time such as \"2026-11-27T08:00:00Z\", by RFC 3339"});
        else if (*release.assume_sent_since > now)
            errors.push_back({"assume_sent_since", {}, "in_the_future", "must be when the backup was taken"});
    }
    if (!errors.empty())
        return http::Problem{422, "invalid_release", "This release is not accepted.", std::move(errors), {}};
    return release;
}

} // namespace smsbcast::transport
