#include "request_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace smsbcast::http {

namespace {

// RFC 9110 §5.5: visible characters, blanks, tabs and bytes from 0x80 on. CR, LF and NUL would end
// the field.
bool is_value_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 ? byte != 0x7f : byte == '\t';
}

bool is_visible(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7f;
}

// A name's characters are checked in every exchange, and a table is several times faster than a
// search among the separators (RFC 9110 §5.6.2).
constexpr auto kNameCharacters = [] {
    std::array<bool, 256> table{};
    for (std::size_t byte = 0x21; byte < 0x7f; ++byte)
        table[byte] = std::string_view("\"(),/:;<=>?@[\\]{}").find(static_cast<char>(byte)) == std::string_view::npos;
    return table;
}();

bool is_name_character(char c) {
    return kNameCharacters[static_cast<unsigned char>(c)];
}

bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_name_character);
}

} // namespace

bool is_well_formed(const ClientRequest& request) {
    const auto is_header = [](const Header& header) {
        return is_name(header.name) && std::ranges::all_of(header.value, is_value_character);
    };
    return is_name(request.method) && request.target.starts_with('/') &&
           std::ranges::all_of(request.target, is_visible) &&
           std::ranges::all_of(request.content_type, is_value_character) &&
           std::ranges::all_of(request.headers, is_header);
}

void write_request(std::string& out, const ClientRequest& request, std::string_view host_header) {
    // The memory of the request before is kept, so a busy connection allocates nothing here.
    out.clear();
    out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ").append(host_header);
    out.append("\r\nUser-Agent: smsbcast\r\n");
    for (const auto& header : request.headers)
        out.append(header.name).append(": ").append(header.value).append("\r\n");
    if (!request.content_type.empty())
        out.append("Content-Type: ").append(request.content_type).append("\r\n");
    // A request that may have a body says how long it is, also when it is empty (RFC 9110 §8.6).
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
        char digits[20];
        const auto written = std::to_chars(std::begin(digits), std::end(digits), request.body.size());
        out.append("Content-Length: ").append(std::begin(digits), written.ptr).append("\r\n");
    }
    out.append("\r\n").append(request.body);
}

} // namespace smsbcast::http
