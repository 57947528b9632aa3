#include "receipt_body.hpp"

#include "smsbcast/http/query.hpp"

#include "smsbcast/base/foreign_json.hpp"
#include "smsbcast/domain/foreign_text.hpp"
#include "smsbcast/domain/message_text.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace smsbcast::transport {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxProviderId = 255;
constexpr std::size_t kMaxErrorCode = 64;

using Errors = std::vector<http::FieldError>;

std::string_view text_of(const json::value* value) {
    const auto* text = value ? value->if_string() : nullptr;
    return text ? without_margins({text->data(), text->size()}) : std::string_view();
}

bool is_word(std::string_view text, std::string_view word) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(text, word, {}, lower);
}

void read_status(const json::object& body, Receipt& receipt, Errors& errors) {
    const auto* value = body.if_contains("status");
    const auto text = text_of(value);
    receipt.delivered = is_word(text, "delivered");
    if (!receipt.delivered && !is_word(text, "failed"))
        errors.push_back({"status", {}, value ? "invalid" : "missing", "must be \"delivered\" or \"failed\""});
}

// Says why a message failed, and is for people only: whatever it is, it is no reason to refuse the receipt.
void read_error_code(const json::object& body, std::string_view document, Receipt& receipt) {
    const auto* value = body.if_contains("error_code");
    if (!value || value->is_null())
        return;
    std::string code;
    if (const auto* text = value->if_string())
        code = {text->data(), text->size()};
    else
        code = value->is_number() ? std::string(raw_member(document, "error_code")) : json::serialize(*value);
    if (auto shown = presentable(code, kMaxErrorCode); !shown.empty())
        receipt.error_code = std::move(shown);
}

// Our own id is told in the query by whoever calls the address that we gave. A `message_id` of the body counts where
// the query has none and it can be ours; many providers call ids of their own so.
void read_message_id(const json::object& body, const http::Query& query, Receipt& receipt) {
    auto id = parse_uuid(without_margins(query.get("message_id").value_or("")));
    if (!id)
        id = parse_uuid(text_of(body.if_contains("message_id")));
    if (id)
        receipt.message = MessageId{*id};
}

// Needed where it alone tells which message is meant.
void read_provider_id(const json::object& body, std::string_view document, Receipt& receipt, Errors& errors) {
    const auto* value = body.if_contains("provider_id");
    const auto id = value && value->is_number() ? raw_member(document, "provider_id") : text_of(value);
    const bool fits = id.size() <= kMaxProviderId && id.find('\0') == std::string_view::npos && count_utf8(id);
    if (!id.empty() && fits)
        receipt.provider_id = id;
    else if (!receipt.message && (!value || value->is_null()))
        errors.push_back({"provider_id", {}, "missing", "is needed, since no message_id of ours is given"});
    else if (!receipt.message)
        errors.push_back(
            {"provider_id", {}, "invalid", "must be a number or a string of 1 to 255 bytes without U+0000"});
}

json::value parse(std::string_view text, boost::system::error_code& error, json::storage_ptr memory) {
    json::parse_options options;
    options.max_depth = 1000; // of fields that are not looked at
    options.allow_invalid_utf8 = true;
    return json::parse({text.data(), text.size()}, error, std::move(memory), options);
}

} // namespace

std::variant<Receipt, http::Problem> read_receipt(std::string_view body, std::string_view query) {
    unsigned char memory[4096];
    json::monotonic_resource resource(memory, sizeof memory);
    boost::system::error_code error;
    auto text = json_core(body);
    auto document = parse(text, error, &resource);
    std::string mended;
    if (error) {
        text = mended = mended_json(text);
        boost::system::error_code still;
        document = parse(text, still, &resource);
        error = still ? error : still;
    }
    if (error)
        return http::Problem{400, "malformed_json", "The body is not JSON: " + error.message() + ".", {}, {}};
    const auto* object = document.if_object();
    if (!object)
        return http::Problem{400, "not_an_object", "The body must be a JSON object.", {}, {}};
    Receipt receipt;
    Errors errors;
    read_message_id(*object, http::Query(query), receipt);
    read_provider_id(*object, text, receipt, errors);
    read_status(*object, receipt, errors);
    read_error_code(*object, text, receipt);
    if (!errors.empty())
        return http::Problem{400, "invalid_receipt", "The receipt is not accepted.", std::move(errors), {}};
    return receipt;
}

} // namespace smsbcast::transport
