#include "create_problem.hpp"

#include <algorithm>

namespace smsbcast::transport {

namespace {

std::string sentence(TextError error, std::size_t most) {
    switch (error) {
    case TextError::empty: return "must not be empty or blank";
    case TextError::not_utf8: return "must be UTF-8 text";
    case TextError::has_nul: return "must not contain the character U+0000";
    case TextError::too_long: return "must have at most " + std::to_string(most) + " characters";
    }
    return "is not accepted";
}

http::FieldError text_error(std::string field, TextError error, std::size_t most) {
    return {std::move(field), {}, std::string(code(error)), sentence(error, most)};
}

void add_text_errors(std::vector<http::FieldError>& out, const BroadcastReading& reading,
                     const app::CreateErrors& errors, const app::BroadcastLimits& limits) {
    if (errors.message_missing && !reading.message_given)
        out.push_back(
            {"message",
             {},
             "missing",
             "is required: the text to send, at most " + std::to_string(limits.max_message_chars) + " characters"});
    if (errors.message)
        out.push_back(text_error(reading.message_key, *errors.message, limits.max_message_chars));
    if (errors.name)
        out.push_back(text_error("name", *errors.name, app::CreateBroadcast::kMaxNameChars));
}

void add_expiry_error(std::vector<http::FieldError>& out, const app::CreateErrors& errors) {
    if (!errors.expires_at)
        return;
    auto message = errors.expires_at == ExpiryError::in_the_past
                       ? "must be later than now"
                       : "must be at most " + std::to_string(kMaxExpiry.count()) + " days ahead";
    out.push_back({"expires_at", {}, std::string(code(*errors.expires_at)), std::move(message)});
}

void add_list_errors(std::vector<http::FieldError>& out, const BroadcastReading& reading,
                     const app::CreateErrors& errors, const app::BroadcastLimits& limits) {
    const bool explained = reading.recipients_listed || std::ranges::any_of(reading.mistakes, [](const auto& mistake) {
                               return mistake.field == "recipients";
                           });
    if (!reading.recipients_given)
        out.push_back({"recipients", {}, "missing", "is required: an array of phone numbers such as \"+66812345678\""});
    else if (errors.recipients_empty && !explained)
        out.push_back({"recipients", {}, "empty", "must name at least one phone number"});
    if (errors.too_many_recipients)
        out.push_back({"recipients",
                       {},
                       "too_many",
                       "must name at most " + std::to_string(limits.max_recipients) + " phone numbers"});
}

std::vector<http::FieldError> by_index(const BroadcastReading& reading, const app::CreateErrors& errors) {
    std::vector<http::FieldError> listed;
    std::ranges::copy_if(reading.mistakes, std::back_inserter(listed),
                         [](const http::FieldError& mistake) { return mistake.index.has_value(); });
    for (const auto& bad : errors.bad)
        listed.push_back({"recipients", bad.index, std::string(code(bad.error)), std::string(message(bad.error))});
    std::ranges::sort(listed, {}, [](const http::FieldError& error) { return *error.index; });
    if (listed.size() > app::RecipientList::kMaxListed)
        listed.resize(app::RecipientList::kMaxListed);
    return listed;
}

} // namespace

http::Problem create_problem(const BroadcastReading& reading, const app::CreateErrors& errors,
                             const app::BroadcastLimits& limits) {
    http::Problem problem{422, "invalid_broadcast", "", {}, {}};
    std::ranges::copy_if(reading.mistakes, std::back_inserter(problem.errors),
                         [](const http::FieldError& mistake) { return !mistake.index; });
    add_text_errors(problem.errors, reading, errors, limits);
    add_expiry_error(problem.errors, errors);
    add_list_errors(problem.errors, reading, errors, limits);
    const auto listed = by_index(reading, errors);
    problem.errors.insert(problem.errors.end(), listed.begin(), listed.end());

    problem.detail = "The broadcast was not accepted and nothing was stored.";
    const auto wrong = errors.bad_count + reading.not_strings;
    if (wrong > 0)
        problem.detail += " Wrong recipients: " + std::to_string(wrong) + ".";
    if (wrong > static_cast<std::int64_t>(listed.size()))
        problem.detail += " The first " + std::to_string(listed.size()) + " are listed.";
    return problem;
}

} // namespace smsbcast::transport
