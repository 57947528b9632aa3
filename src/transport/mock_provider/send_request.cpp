#include "send_request.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace smsbcast::transport {

namespace {

namespace json = boost::json;

/// Empty where it is not a string that holds something; that is noted in `errors`.
std::string_view text_at(const json::object& body, std::string_view name, std::vector<FieldError>& errors) {
    const auto* value = body.if_contains({name.data(), name.size()});
    const auto* text = value ? value->if_string() : nullptr;
    if (text && !text->empty())
        return {text->data(), text->size()};
    errors.push_back({std::string(name), {}, value ? "invalid" : "missing", "must be a string that is not empty"});
    return {};
}

} // namespace

std::variant<SendRequest, Problem> read_send_request(std::string_view body) {
    unsigned char space[8192];
    json::monotonic_resource memory(space, sizeof space);
    boost::system::error_code error;
    const auto document = json::parse({body.data(), body.size()}, error, &memory);
    const auto* object = document.if_object();
    if (error || !object)
        return Problem{400, "malformed_json", "The body must be a JSON object.", {}, {}};
    std::vector<FieldError> errors;
    const auto id_text = text_at(*object, "message_id", errors);
    const auto phone_text = text_at(*object, "to", errors);
    text_at(*object, "body", errors);
    const auto webhook = text_at(*object, "dlr_webhook_url", errors);
    const auto id = parse_uuid(id_text);
    if (!id && !id_text.empty())
        errors.push_back({"message_id", {}, "invalid", "must be a UUID"});
    if (!errors.empty())
        return Problem{400, "invalid_message", "The message is not accepted.", std::move(errors), {}};
    const auto phone = PhoneNumber::parse(phone_text);
    if (const auto* wrong = std::get_if<PhoneError>(&phone))
        return Problem{422,
                       "invalid_number",
                       "The recipient's number is not accepted.",
                       {{"to", {}, std::string(code(*wrong)), std::string(message(*wrong))}},
                       {}};
    return SendRequest{MessageId{*id}, std::get<PhoneNumber>(phone), std::string(webhook)};
}

} // namespace smsbcast::transport
