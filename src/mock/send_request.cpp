#include "send_request.hpp"

#include "provider_ids.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <optional>

namespace smsbcast::mock {

namespace {

namespace json = boost::json;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
// So many digits fit into the ledger's 64 bits, whatever the digits are.
constexpr std::size_t kMaxDigits = 19;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

class Members {
public:
    explicit Members(const json::object& body) : body_(body) {}

    /// A string that holds something, or a number as it is written; empty and noted where it is neither.
    std::string text(std::string_view name) {
        if (auto found = optional_text(name); found && !found->empty())
            return std::move(*found);
        note(name, at(name) ? "invalid" : "missing", "must be a string that is not empty");
        return {};
    }

    /// Nothing where it is neither string nor number; empty where it is missing or null.
    std::optional<std::string> optional_text(std::string_view name) const {
        const auto* value = at(name);
        if (!value || value->is_null())
            return std::string();
        if (const auto* found = value->if_string())
            return std::string(found->data(), found->size());
        return value->is_number() ? std::optional(json::serialize(*value)) : std::nullopt;
    }

    void note(std::string_view name, const char* code, const char* message) {
        errors.push_back({std::string(name), {}, code, message});
    }

    std::vector<http::FieldError> errors;

private:
    const json::value* at(std::string_view name) const { return body_.if_contains({name.data(), name.size()}); }

    const json::object& body_;
};

// A number that is not international is kept by its digits alone: real providers take local numbers
// too.
std::optional<PhoneNumber> read_phone(std::string_view text) {
    const auto parsed = PhoneNumber::parse(text);
    if (const auto* phone = std::get_if<PhoneNumber>(&parsed))
        return *phone;
    std::string digits;
    std::ranges::copy_if(text, std::back_inserter(digits), is_digit);
    if (digits.empty())
        return std::nullopt;
    return PhoneNumber::from_digits(std::stoull(digits.substr(0, kMaxDigits)));
}

} // namespace

std::variant<SendRequest, http::Problem> read_send_request(std::string_view body) {
    if (body.starts_with(kByteOrderMark))
        body.remove_prefix(kByteOrderMark.size());
    // A request is small, so its tree fits on the stack and costs no allocation.
    unsigned char space[8192];
    json::monotonic_resource memory(space, sizeof space);
    boost::system::error_code error;
    const auto document = json::parse({body.data(), body.size()}, error, &memory);
    const auto* object = document.if_object();
    if (error || !object)
        return http::Problem{400, "malformed_json", "The body must be a JSON object.", {}, {}};
    Members members(*object);
    const auto id_text = members.optional_text("message_id");
    if (!id_text)
        members.note("message_id", "invalid", "must be a string");
    const auto phone_text = members.text("to");
    // The text itself is not kept: it must only be there. A ledger of two million texts would be
    // what fills the memory.
    members.text("body");
    const auto webhook = members.optional_text("dlr_webhook_url");
    if (!webhook)
        members.note("dlr_webhook_url", "invalid", "must be a string");
    if (!members.errors.empty())
        return http::Problem{400, "invalid_message", "The message is not accepted.", std::move(members.errors), {}};
    const auto phone = read_phone(phone_text);
    if (!phone)
        return http::Problem{422,
                             "invalid_number",
                             "The recipient's number is not accepted.",
                             {{"to", {}, "not_a_digit", "must have digits"}},
                             {}};
    const auto id = parse_uuid(*id_text);
    // The same text leads to the same UUID, so repetitions under an id that is no UUID are one
    // message in the ledger.
    const auto stand_in = [&] { return id_text->empty() ? new_uuid() : uuid_of(*id_text); };
    return SendRequest{MessageId{id ? *id : stand_in()}, id.has_value(), *phone, *webhook};
}

} // namespace smsbcast::mock
