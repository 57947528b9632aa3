#include "key_body.hpp"

#include "small_object.hpp"

namespace smsbcast::transport {

namespace json = boost::json;

namespace {

// One that is not known makes the whole list wrong, since a key with less than was asked for would be a surprise.
void read_scopes(const SmallObject& object, app::KeyRequest& request, app::KeyMistakes& mistakes) {
    const auto* value = object.find("scopes");
    const auto* names = value ? value->if_array() : nullptr;
    bool good = names != nullptr;
    for (std::size_t i = 0; good && i < names->size(); ++i) {
        const auto* name = (*names)[i].if_string();
        const auto scope = name ? parse_scope({name->data(), name->size()}) : std::nullopt;
        good = scope.has_value();
        if (scope)
            request.scopes.add(*scope);
    }
    if (!good)
        mistakes.add(app::KeyMistake::scopes);
}

void read_expiry(const SmallObject& object, app::KeyRequest& request, http::Problem& problem) {
    if (!object.has("expires_at"))
        return;
    const auto text = object.text("expires_at");
    request.expires_at = text ? parse_rfc3339(*text) : std::nullopt;
    if (!request.expires_at)
        problem.errors.push_back(
            {"expires_at", {}, "not_a_time", "must be a time such as \"2027-01-31T00:00:00Z\", by RFC 3339"});
}

} // namespace

std::variant<app::KeyRequest, http::Problem> read_key_request(std::string_view body, Timestamp now) {
    const auto object = SmallObject::parse(body);
    if (!object)
        return SmallObject::no_object();
    http::Problem problem{422, "invalid_key", "The key was not made.", {}, {}};
    object->find_strangers({"name", "tenant", "scopes", "expires_at"}, problem.errors);
    app::KeyRequest request;
    app::KeyMistakes mistakes;
    request.name = object->text("name").value_or("");
    if (object->has("tenant"))
        request.tenant = object->text("tenant").value_or("");
    read_scopes(*object, request, mistakes);
    read_expiry(*object, request, problem);
    const auto found = app::check(request, now);
    for (const auto mistake : app::kKeyMistakes)
        if (found.contains(mistake) || mistakes.contains(mistake))
            problem.errors.push_back(
                {std::string(app::field_of(mistake)), {}, "invalid", std::string(app::message(mistake))});
    if (!problem.errors.empty())
        return problem;
    return request;
}

std::variant<std::chrono::milliseconds, http::Problem> read_overlap(std::string_view body) {
    const auto object = SmallObject::parse(body);
    if (!object)
        return SmallObject::no_object();
    http::Problem problem{422, "invalid_rotation", "The key was not rotated.", {}, {}};
    object->find_strangers({"overlap_seconds"}, problem.errors);
    std::chrono::seconds overlap = app::ManageKeys::kDefaultOverlap;
    constexpr std::chrono::seconds kMost = app::ManageKeys::kMostOverlap;
    if (const auto* value = object->find("overlap_seconds")) {
        const auto* seconds = value->if_int64();
        if (seconds && *seconds >= 0 && *seconds <= kMost.count())
            overlap = std::chrono::seconds(*seconds);
        else
            problem.errors.push_back(
                {"overlap_seconds", {}, "out_of_range", "must be a whole number of seconds from 0 to 2592000"});
    }
    if (!problem.errors.empty())
        return problem;
    return std::chrono::milliseconds(overlap);
}

} // namespace smsbcast::transport
