#include "smsbcast/base/foreign_json.hpp"

#include <algorithm>

namespace smsbcast {

namespace {

// RFC 8259 §2 knows the first four only. The others are what C programs send by mistake, such as
// the NUL at the end of a buffer; hence the given length.
constexpr std::string_view kBlanks(" \t\r\n\v\f\0", 7);
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The size of the string at the head of `text`, both quotes included. An escaped character is
// skipped, so `\"` does not end it.
std::size_t string_size(std::string_view text) {
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == '"')
            return at + 1;
        at += text[at] == '\\' ? 1 : 0;
    }
    return text.size();
}

constexpr std::string_view kUnknownLetter = "\\ufffd";
constexpr std::size_t kEscapeSize = 6; // of \ud83d

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Whether an escape such as \ud83d stands at the head: the leading half of a pair where `leads` is
// true, else the trailing one (RFC 8259 §7, Unicode 15 §3.8).
bool is_surrogate(std::string_view text, bool leads) {
    if (text.size() < kEscapeSize || !text.starts_with("\\u") || (text[2] != 'd' && text[2] != 'D') ||
        !is_hex(text[4]) || !is_hex(text[5]))
        return false;
    const std::string_view halves = leads ? "89abAB" : "cdefCDEF";
    return halves.find(text[3]) != std::string_view::npos;
}

// It appends what the escape at the head of `text` becomes, and gives the escape's size.
std::size_t mend_escape(std::string& out, std::string_view text) {
    if (is_surrogate(text, true) && is_surrogate(text.substr(kEscapeSize), false)) {
        out += text.substr(0, 2 * kEscapeSize);
        return 2 * kEscapeSize;
    }
    // Half of a pair is no character, and a strict parser refuses the whole document for it.
    if (is_surrogate(text, true) || is_surrogate(text, false)) {
        out += kUnknownLetter;
        return kEscapeSize;
    }
    const bool is_code =
        text.size() >= kEscapeSize && text[1] == 'u' && std::ranges::all_of(text.substr(2, kEscapeSize - 2), is_hex);
    const bool is_known = text.size() > 1 && std::string_view("\"\\/bfnrt").find(text[1]) != std::string_view::npos;
    // An escape that does not exist costs its backslash alone; what follows it is read as text.
    const std::size_t size = is_code ? kEscapeSize : is_known ? 2 : 1;
    out += size > 1 ? text.substr(0, size) : kUnknownLetter;
    return size;
}

} // namespace

std::size_t find_lone_surrogate(std::string_view text, std::size_t from) {
    for (std::size_t at = 0; at < text.size();) {
        const auto rest = text.substr(at);
        const bool leads = is_surrogate(rest, true);
        const bool is_pair = leads && is_surrogate(rest.substr(kEscapeSize), false);
        if (!is_pair && at >= from && (leads || is_surrogate(rest, false)))
            return at;
        // A pair is stepped over as a whole, or its second half would be taken for a lone one.
        at += is_pair ? 2 * kEscapeSize : 1;
    }
    return std::string_view::npos;
}

// This runs only where a document could not be parsed as it is. It changes nothing outside of
// strings, so it never turns one value into another.
std::string mended_json(std::string_view document) {
    std::string mended;
    bool in_string = false;
    while (!document.empty()) {
        const char c = document.front();
        std::size_t size = 1;
        if (in_string && c == '\\')
            size = mend_escape(mended, document);
        else
            mended += in_string && static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        // An escaped quote does not come by here, since mend_escape() has consumed it.
        in_string = in_string != (c == '"');
        document.remove_prefix(size);
    }
    return mended;
}

std::string_view json_core(std::string_view document) {
    // Marks and blanks may take turns at the head, where files were put together.
    for (;;) {
        document.remove_prefix(std::min(document.find_first_not_of(kBlanks), document.size()));
        if (!document.starts_with(kByteOrderMark))
            break;
        document.remove_prefix(kByteOrderMark.size());
    }
    while (!document.empty() && kBlanks.find(document.back()) != std::string_view::npos)
        document.remove_suffix(1);
    return document;
}

// A parser keeps numbers as doubles or 64-bit integers, and ids of providers exceed both. So the
// text of the member is looked for in a document that is known to be valid.
std::string_view raw_member(std::string_view document, std::string_view name) {
    std::string_view last, found;
    int depth = 0;
    for (std::size_t at = 0; at < document.size();) {
        const auto rest = document.substr(at);
        const char c = rest.front();
        std::size_t size = 1;
        // Strings are skipped as a whole: braces and colons within them mean nothing. The last one
        // before a colon is the name.
        if (c == '"') {
            size = string_size(rest);
            last = rest.substr(1, size - 2);
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            --depth;
        } else if (c == ':' && depth == 1 && last == name) {
            const auto value = json_core(rest.substr(1));
            found = value.starts_with('"') ? value.substr(0, string_size(value))
                                           : value.substr(0, value.find_first_of(",}] \t\r\n"));
        }
        at += size;
    }
    return found;
}

} // namespace smsbcast
