#include "smsbcast/base/json_text.hpp"

#include "smsbcast/base/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace smsbcast {

namespace {

// Runs of plain characters are copied at once, which is what most texts consist of.
bool is_plain(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f && c != '"' && c != '\\';
}

void append_escape(std::string& out, char c) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    switch (c) {
    case '"': out.append("\\\""); return;
    case '\\': out.append("\\\\"); return;
    case '\n': out.append("\\n"); return;
    case '\r': out.append("\\r"); return;
    case '\t': out.append("\\t"); return;
    default:
        // Only control characters and DEL come here, and all of them are below 0x80.
        out.append("\\u00");
        out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
        out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
    }
}

} // namespace

void append_string(std::string& out, std::string_view text) {
    out.push_back('"');
    while (!text.empty()) {
        const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty())
            break;
        if (static_cast<unsigned char>(text.front()) < 0x80) {
            append_escape(out, text.front());
            text.remove_prefix(1);
        } else if (const auto letter = first_letter(text); letter.size > 0) {
            out.append(text.substr(0, letter.size));
            text.remove_prefix(letter.size);
        } else {
            // U+FFFD for each stray byte: a reader must be able to parse the whole document,
            // whatever a provider has sent.
            out.append("\xEF\xBF\xBD");
            text.remove_prefix(1);
        }
    }
    out.push_back('"');
}

// Twenty characters hold the longest value, -9223372036854775808.
void append_integer(std::string& out, std::int64_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

std::string& JsonObject::begin(std::string_view key) {
    // The comma comes before each member but the first, so nothing has to be taken back at the end.
    if (!first_)
        out_.push_back(',');
    first_ = false;
    out_.push_back('"');
    out_.append(key).append("\":");
    return out_;
}

} // namespace smsbcast
