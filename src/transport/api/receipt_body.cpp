#include "receipt_body.hpp"

#include "query.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace smsbcast::transport {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostProviderId = 255;
constexpr std::size_t kMostErrorCode = 64;

using Errors = std::vector<FieldError>;

std::string_view view(const json::string& text) {
    return {text.data(), text.size()};
}

bool fits(std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most && text.find('\0') == std::string_view::npos;
}

void read_provider_id(const json::object& body, Receipt& receipt, Errors& errors) {
    const auto* value = body.if_contains("provider_id");
    const auto* text = value ? value->if_string() : nullptr;
    if (text && fits(view(*text), kMostProviderId))
        receipt.provider_id = view(*text);
    else
        errors.push_back(
            {"provider_id", {}, value ? "invalid" : "missing", "must be a string of 1 to 255 bytes without U+0000"});
}

void read_status(const json::object& body, Receipt& receipt, Errors& errors) {
    const auto* value = body.if_contains("status");
    const auto* text = value ? value->if_string() : nullptr;
    receipt.delivered = text && *text == "delivered";
    if (!receipt.delivered && !(text && *text == "failed"))
        errors.push_back({"status", {}, value ? "invalid" : "missing", "must be \"delivered\" or \"failed\""});
}

// Some providers' codes are numbers.
void read_error_code(const json::object& body, Receipt& receipt, Errors& errors) {
    const auto* value = body.if_contains("error_code");
    if (!value || value->is_null())
        return;
    if (const auto* text = value->if_string(); text && fits(view(*text), kMostErrorCode))
        receipt.error_code = view(*text);
    else if (value->is_number())
        receipt.error_code = json::serialize(*value);
    else if (!text || !text->empty())
        errors.push_back(
            {"error_code", {}, "invalid", "must be a number or a string of at most 64 bytes without U+0000"});
}

void add_message_id(std::string_view text, Receipt& receipt, Errors& errors) {
    const auto id = parse_uuid(text);
    if (!id)
        errors.push_back({"message_id", {}, "malformed_id", "must be the UUID that came with the message"});
    else if (receipt.message && receipt.message->value != *id)
        errors.push_back({"message_id", {}, "conflict", "differs between the body and the query"});
    else
        receipt.message = MessageId{*id};
}

void read_message_id(const json::object& body, std::string_view query_text, Receipt& receipt, Errors& errors) {
    const Query query(query_text);
    for (auto& mistake : query.mistakes())
        if (mistake.field == "message_id")
            errors.push_back(std::move(mistake));
    if (const auto text = query.get("message_id"))
        add_message_id(*text, receipt, errors);
    const auto* value = body.if_contains("message_id");
    if (!value || value->is_null())
        return;
    const auto* text = value->if_string();
    add_message_id(text ? view(*text) : std::string_view{}, receipt, errors);
}

} // namespace

std::variant<Receipt, Problem> read_receipt(std::string_view body, std::string_view query) {
    unsigned char memory[4096];
    json::monotonic_resource resource(memory, sizeof memory);
    boost::system::error_code error;
    const auto document = json::parse({body.data(), body.size()}, error, &resource);
    if (error)
        return Problem{400, "malformed_json", "The body is not JSON: " + error.message() + ".", {}, {}};
    const auto* object = document.if_object();
    if (!object)
        return Problem{400, "not_an_object", "The body must be a JSON object.", {}, {}};
    Receipt receipt;
    Errors errors;
    read_provider_id(*object, receipt, errors);
    read_status(*object, receipt, errors);
    read_error_code(*object, receipt, errors);
    read_message_id(*object, query, receipt, errors);
    if (!errors.empty())
        return Problem{400, "invalid_receipt", "The receipt is not accepted.", std::move(errors), {}};
    return receipt;
}

} // namespace smsbcast::transport
