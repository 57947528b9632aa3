#include "answer_words.hpp"

#include "smsbcast/domain/foreign_text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace smsbcast::adapters::http_provider {

namespace {

namespace json = boost::json;

// The order matters where an answer has several of these: a sentence (`detail`) comes before a
// label (`title`).
constexpr auto kTexts = std::to_array<std::string_view>({"detail", "message", "error_description", "error_message",
                                                         "description", "reason", "error", "errors", "msg", "title"});
constexpr auto kCodes = std::to_array<std::string_view>({"error_code", "code", "error"});
// Real answers wrap their words once or twice. The bound keeps a hostile answer from deep
// recursion.
constexpr int kDeepest = 4;

bool same_letters(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

// Both spellings occur, so `errorMessage` is taken for `error_message`.
bool is_named(std::string_view name, std::string_view wanted) {
    std::string plain(wanted);
    std::erase(plain, '_');
    return same_letters(name, wanted) || same_letters(name, plain);
}

const json::value* member(const json::object& object, std::string_view wanted) {
    for (const auto& entry : object)
        if (is_named({entry.key().data(), entry.key().size()}, wanted))
            return &entry.value();
    return nullptr;
}

std::string text_in(const json::value& value, int depth) {
    if (const auto* text = value.if_string())
        return std::string(without_margins({text->data(), text->size()}));
    if (depth == kDeepest)
        return {};
    // The first error is shown; a user can act on one.
    if (const auto* list = value.if_array())
        return list->empty() ? std::string() : text_in(list->front(), depth + 1);
    const auto* object = value.if_object();
    for (std::size_t i = 0; object && i < kTexts.size(); ++i)
        if (const auto* found = member(*object, kTexts[i]))
            if (auto text = text_in(*found, depth + 1); !text.empty())
                return text;
    return {};
}

std::string code_in(const json::value& value, int depth) {
    const auto* object = value.if_object();
    for (std::size_t i = 0; object && depth < kDeepest && i < kCodes.size(); ++i) {
        const auto* found = member(*object, kCodes[i]);
        // Providers number their errors as often as they name them.
        if (found && found->is_number())
            return json::serialize(*found);
        if (const auto* text = found ? found->if_string() : nullptr; text && !text->empty())
            return std::string(text->data(), text->size());
        if (auto code = found ? code_in(*found, depth + 1) : std::string(); !code.empty())
            return code;
    }
    return {};
}

} // namespace

std::string words_of(const json::value& body) {
    auto text = text_in(body, 0);
    if (!text.empty())
        return text;
    const auto code = code_in(body, 0);
    // A bare number would be read as part of our own sentence.
    return code.empty() ? code : "code " + code;
}

std::string_view words_of_text(std::string_view body) {
    const auto text = without_margins(body);
    // A page of HTML is what a proxy in between answers; its markup tells a user nothing.
    const bool is_for_machines = text.starts_with('<') || text.find('\0') != std::string_view::npos;
    return is_for_machines ? std::string_view() : text;
}

} // namespace smsbcast::adapters::http_provider
