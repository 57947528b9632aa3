#include "submit_answer.hpp"

#include "retry_after.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace smsbcast::adapters::http_provider {

namespace {

namespace json = boost::json;

constexpr std::size_t kLongestId = 255;
constexpr std::size_t kLongestMessage = 200;

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

/// Empty when it is not there or not a string.
std::string_view string_at(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains({name.data(), name.size()});
    const auto* text = value ? value->if_string() : nullptr;
    return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

/// The sentence of an error body, as problem+json and the usual home-made forms carry it.
std::string_view sentence_of(const json::object& object) {
    for (const std::string_view name : {"detail", "message", "error_description", "error", "title"}) {
        if (const auto text = string_at(object, name); !text.empty())
            return text;
    }
    const auto* nested = object.if_contains("error");
    return nested && nested->is_object() ? string_at(nested->get_object(), "message") : std::string_view();
}

void mask(std::string& text, const PhoneNumber& phone) {
    const auto digits = phone.text().substr(1);
    for (auto at = text.find(digits); at != std::string::npos; at = text.find(digits, at))
        text.replace(at, digits.size(), phone.masked().substr(1));
}

std::string presentable(std::string_view sentence, const PhoneNumber& phone) {
    std::string text(sentence.substr(0, 4 * kLongestMessage));
    std::ranges::replace_if(text, is_control, ' ');
    mask(text, phone);
    auto length = std::min(text.size(), kLongestMessage);
    // Not within a character: a byte that continues one is 10xxxxxx.
    while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U)
        --length;
    text.resize(length);
    return text;
}

} // namespace

HttpAnswer read_answer(const runtime::HttpResponse& response, const Submission& submission,
                       std::chrono::system_clock::time_point now) {
    HttpAnswer answer;
    answer.status = response.status;
    if (!response.retry_after.empty())
        answer.retry_after = parse_retry_after(response.retry_after, now);
    unsigned char space[4096];
    json::monotonic_resource memory(space, sizeof space);
    boost::system::error_code ec;
    const auto body = json::parse(response.body, ec, &memory);
    if (ec || !body.is_object())
        return answer;
    const auto& object = body.get_object();
    if (response.status >= 300) {
        answer.error_message = presentable(sentence_of(object), submission.phone);
        return answer;
    }
    const auto id = string_at(object, "provider_id");
    if (!id.empty() && id.size() <= kLongestId && std::ranges::none_of(id, is_control))
        answer.provider_id = std::string(id);
    answer.repeats_our_id = string_at(object, "message_id") == to_string(submission.message);
    return answer;
}

} // namespace smsbcast::adapters::http_provider
