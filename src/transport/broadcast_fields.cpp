#include "broadcast_fields.hpp"

#include <utility>

namespace smsbcast::transport {

namespace {

constexpr int kMaxKeysListed = 20;
constexpr std::size_t kMaxBytesPerCharacter = 4; // UTF-8
constexpr std::size_t kMaxRecipientBytes = 64;   // a number has 16; a longer text is wrong whatever follows
constexpr std::size_t kMaxTimeBytes = 64;        // one with nanoseconds and an offset has 35

std::string_view a(JsonKind kind) {
    switch (kind) {
    case JsonKind::text: return "a string";
    case JsonKind::number: return "a number";
    case JsonKind::boolean: return "a boolean";
    case JsonKind::null: return "null";
    case JsonKind::object: return "an object";
    case JsonKind::array: return "an array";
    }
    return "something else";
}

std::string must_be(std::string_view wanted, JsonKind kind) {
    return std::string("must be ").append(wanted).append(", not ").append(a(kind));
}

} // namespace

BroadcastFields::BroadcastFields(const app::BroadcastLimits& limits)
    : limits_(limits), reading_{.input = {{}, {}, app::RecipientList(limits.max_recipients)}} {}

void BroadcastFields::mistake(std::string_view field, std::string_view code, std::string message) {
    if (++listed_ <= kMaxKeysListed)
        reading_.mistakes.push_back({std::string(field), {}, std::string(code), std::move(message)});
}

void BroadcastFields::message_key(std::string_view name) {
    if (!reading_.message_given) {
        reading_.message_given = true;
        field_ = Field::message;
        reading_.message_key = name;
    } else if (reading_.message_key == name) {
        mistake(reading_.message_key, "duplicate", "may be given once only");
    } else {
        mistake(name, "conflict", "must not be given beside '" + reading_.message_key + "', which means the same");
    }
}

void BroadcastFields::key(std::string_view name) {
    field_ = Field::ignored;
    const auto once = [&](bool& given, Field field) {
        if (std::exchange(given, true))
            mistake(name, "duplicate", "may be given once only");
        else
            field_ = field;
    };
    if (name == "message" || name == "body")
        message_key(name);
    else if (name == "name")
        once(name_given_, Field::name);
    else if (name == "expires_at")
        once(expires_at_given_, Field::expires_at);
    else if (name == "recipients")
        once(reading_.recipients_given, Field::recipients);
    else
        mistake(name, "unknown_field", "is not known; the fields are message, recipients, name and expires_at");
}

bool BroadcastFields::value(JsonKind kind) {
    if (field_ == Field::ignored)
        return false;
    const auto wanted = field_ == Field::recipients ? JsonKind::array : JsonKind::text;
    if (kind == wanted)
        return true;
    if (field_ == Field::recipients)
        mistake("recipients", "wrong_type", must_be("an array of phone numbers", kind));
    else if (field_ == Field::message)
        mistake(reading_.message_key, "wrong_type", must_be("a string", kind));
    else if (kind != JsonKind::null) // there is none
        mistake(field_ == Field::name ? "name" : "expires_at", "wrong_type", must_be("a string", kind));
    field_ = Field::ignored;
    return false;
}

std::size_t BroadcastFields::most_bytes() const {
    if (field_ == Field::recipients)
        return kMaxRecipientBytes;
    if (field_ == Field::expires_at)
        return kMaxTimeBytes;
    const auto characters = field_ == Field::message ? limits_.max_message_chars : app::CreateBroadcast::kMaxNameChars;
    return characters * kMaxBytesPerCharacter;
}

void BroadcastFields::expiry(std::string_view text) {
    reading_.input.expires_at = parse_rfc3339(text);
    if (!reading_.input.expires_at)
        mistake("expires_at", "not_a_time",
                "must be a time with its offset from UTC, such as \"2026-12-24T18:00:00+07:00\"");
}

void BroadcastFields::text(std::string_view text, bool cut) {
    if (field_ == Field::expires_at)
        return expiry(cut ? std::string_view() : text);
    const bool is_message = field_ == Field::message;
    if (cut)
        mistake(is_message ? reading_.message_key : "name", "too_long",
                "must have at most " +
                    std::to_string(is_message ? limits_.max_message_chars : app::CreateBroadcast::kMaxNameChars) +
                    " characters");
    else
        (is_message ? reading_.input.message : reading_.input.name) = text;
}

void BroadcastFields::not_a_recipient(JsonKind kind) {
    const auto index = static_cast<std::int64_t>(reading_.input.recipients.seen());
    reading_.input.recipients.skip();
    if (++reading_.not_strings <= static_cast<std::int64_t>(app::RecipientList::kMaxListed))
        reading_.mistakes.push_back(
            {"recipients", index, "not_a_string", must_be("a string such as \"+66812345678\"", kind)});
}

http::FieldError BroadcastFields::here() const {
    switch (field_) {
    case Field::ignored: break;
    case Field::message: return {reading_.message_key, {}, {}, {}};
    case Field::name: return {"name", {}, {}, {}};
    case Field::expires_at: return {"expires_at", {}, {}, {}};
    case Field::recipients: return {"recipients", static_cast<std::int64_t>(reading_.input.recipients.seen()), {}, {}};
    }
    return {};
}

BroadcastReading BroadcastFields::take() {
    reading_.recipients_listed = reading_.input.recipients.seen() > 0;
    return std::move(reading_);
}

} // namespace smsbcast::transport
