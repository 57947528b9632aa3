#pragma once

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/base/timestamp.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast {

/// Appends `text` as a JSON string. Bytes that are not UTF-8 become U+FFFD, so the document is always valid.
void append_string(std::string& out, std::string_view text);

/// Appends the decimal digits of `number`.
void append_integer(std::string& out, std::int64_t number);

/// Appends one JSON object to a text, member by member; the destructor closes it. Keys are words of ours, which need no
/// escapes. A large page is written this way at the cost of a copy, with no tree in between.
class JsonObject {
public:
    /// `out` must outlive the object, and nothing else may append to it meanwhile.
    explicit JsonObject(std::string& out) : out_(out) { out_.push_back('{'); }
    JsonObject(const JsonObject&) = delete;
    JsonObject& operator=(const JsonObject&) = delete;
    ~JsonObject() { out_.push_back('}'); }

    /// Each call adds one member. A text may be anything; times become RFC 3339 in UTC, ids their
    /// 36 characters.
    void add(std::string_view key, std::string_view text) { append_string(begin(key), text); }
    void add(std::string_view key, const char* text) { add(key, std::string_view(text)); }
    void add(std::string_view key, std::same_as<bool> auto flag) { begin(key).append(flag ? "true" : "false"); }
    void add(std::string_view key, std::integral auto number) requires(!std::same_as<decltype(number), bool>) {
        append_integer(begin(key), static_cast<std::int64_t>(number));
    }
    void add(std::string_view key, Timestamp time) { append_string(begin(key), to_rfc3339(time)); }
    template <class Tag>
    void add(std::string_view key, const StrongId<Tag>& id) {
        add(key, std::string_view(to_string(id)));
    }
    void add_null(std::string_view key) { begin(key).append("null"); }

    /// Adds `null` when there is no value.
    template <class Value>
    void add(std::string_view key, const std::optional<Value>& value) {
        value ? add(key, *value) : add_null(key);
    }

    /// Writes the key and returns the text behind it, to which the caller must append exactly one
    /// value.
    std::string& begin(std::string_view key);

private:
    std::string& out_;
    bool first_ = true;
};

/// Appends `[…]`. `append(out, element)` must write one value per element.
template <class Range, class Append>
void append_array(std::string& out, const Range& elements, Append append) {
    out.push_back('[');
    bool first = true;
    for (const auto& element : elements) {
        if (!first)
            out.push_back(',');
        first = false;
        append(out, element);
    }
    out.push_back(']');
}

} // namespace smsbcast
