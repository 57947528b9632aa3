#include "hold_body.hpp"

#include "small_object.hpp"

#include "smsbcast/domain/message_text.hpp"

#include <vector>

namespace smsbcast::transport {

namespace {

constexpr std::size_t kMaxReason = 500;
constexpr std::string_view kByHand = "by hand";

using Errors = std::vector<http::FieldError>;

} // namespace

std::variant<HoldBody, http::Problem> read_hold(std::string_view body) {
    const auto object = SmallObject::parse(body);
    if (!object)
        return SmallObject::no_object();
    Errors errors;
    object->find_strangers({"because"}, errors);
    HoldBody hold{std::string(kByHand)};
    if (object->has("because")) {
        hold.because = object->text("because").value_or("");
        if (check_message_text(hold.because, kMaxReason))
            errors.push_back({"because", {}, "invalid", "must be a text of 1 to 500 characters"});
    }
    if (!errors.empty())
        return http::Problem{422, "invalid_hold", "This hold is not accepted.", std::move(errors), {}};
    return hold;
}

std::variant<ReleaseBody, http::Problem> read_release(std::string_view body, Timestamp now) {
    const auto object = SmallObject::parse(body);
    if (!object)
        return SmallObject::no_object();
    Errors errors;
    object->find_strangers({"assume_sent_since"}, errors);
    ReleaseBody release;
    if (object->has("assume_sent_since")) {
        release.assume_sent_since = parse_rfc3339(object->text("assume_sent_since").value_or(""));
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
