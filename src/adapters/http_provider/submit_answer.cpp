#include "submit_answer.hpp"

#include "answer_words.hpp"
#include "retry_after.hpp"

#include "smsbcast/base/foreign_json.hpp"
#include "smsbcast/domain/foreign_text.hpp"
#include "smsbcast/domain/message_text.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/stream_parser.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace smsbcast::adapters::http_provider {

namespace {

namespace json = boost::json;

// The length of an id is bounded by what receipts and the store take. An id that was cut would
// match no receipt, so a longer one counts as none.
constexpr std::size_t kLongestId = 255;
constexpr std::size_t kLongestMessage = 200;

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

/// The value that `text` begins with. `text` is cut to it, and whatever some programs print behind
/// it (a warning, a debug line) is left alone.
std::optional<json::value> parse(std::string_view& text, json::storage_ptr memory) {
    json::parse_options options;
    // The message was sent, whatever its answer looks like. So the parser takes everything from
    // which an id can be read with certainty.
    options.max_depth = 1000;
    options.allow_invalid_utf8 = true;
    options.allow_trailing_commas = true;
    json::stream_parser parser(std::move(memory), options);
    boost::system::error_code ec;
    const auto size = parser.write_some({text.data(), text.size()}, ec);
    if (!ec && !parser.done())
        parser.finish(ec);
    if (ec)
        return std::nullopt;
    text = text.substr(0, size);
    return parser.release();
}

std::string_view text_at(const json::object& object, json::string_view name) {
    const auto* value = object.if_contains(name);
    const auto* text = value ? value->if_string() : nullptr;
    return text ? without_margins({text->data(), text->size()}) : std::string_view();
}

/// A number is taken as it is written, since no kind of number holds all that providers use.
std::optional<std::string> id_in(const json::object& object, std::string_view document) {
    const auto* value = object.if_contains("provider_id");
    const bool is_number = value && value->is_number();
    const auto id = is_number ? raw_member(document, "provider_id") : text_at(object, "provider_id");
    // An id with control characters or broken UTF-8 cannot be stored and compared byte by byte;
    // such an answer counts as one without an id.
    if (id.empty() || id.size() > kLongestId || std::ranges::any_of(id, is_control) || !count_utf8(id))
        return std::nullopt;
    return std::string(id);
}

} // namespace

HttpAnswer read_answer(const http::ClientResponse& response, const Submission& submission,
                       std::chrono::system_clock::time_point now) {
    HttpAnswer answer;
    answer.status = response.status;
    answer.retry_after = parse_retry_after(response.retry_after, now);
    // Most answers are small, so their tree fits on the stack and costs no allocation.
    unsigned char space[4096];
    json::monotonic_resource memory(space, sizeof space);
    auto text = json_core(response.body);
    auto body = parse(text, &memory);
    std::string mended;
    // A second attempt mends what is wrong within strings, such as a raw line break in a message.
    // An id next to it is still good.
    if (!body && (text.starts_with('{') || text.starts_with('['))) {
        std::string_view readable = mended = mended_json(text);
        body = parse(readable, &memory);
        text = body ? readable : text;
    }
    const auto* object = body ? body->if_object() : nullptr;
    if (object && response.status >= 200 && response.status < 300) {
        answer.provider_id = id_in(*object, text);
        // A provider that gives our id back here will do so in its receipts, so its own id need not
        // be kept for them.
        answer.repeats_our_id = parse_uuid(text_at(*object, "message_id")) == submission.message.value;
    }
    // Words are only of interest where something went wrong. They may repeat the recipient's
    // number, so they are masked before anybody sees them.
    if (!answer.provider_id)
        answer.error_message = presentable(body ? words_of(*body) : std::string(words_of_text(text)), kLongestMessage);
    return answer;
}

HttpAnswer read_head(const http::ClientError& error, std::chrono::system_clock::time_point now) {
    HttpAnswer answer;
    answer.status = error.status;
    answer.retry_after = parse_retry_after(error.retry_after, now);
    return answer;
}

} // namespace smsbcast::adapters::http_provider
