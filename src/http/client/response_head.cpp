#include "response_head.hpp"

#include "http_words.hpp"

#include <algorithm>
#include <charconv>

namespace smsbcast::http {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool may_stand_in_name(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7f;
}

/// The number in `timeout=5, max=100`.
std::optional<std::chrono::seconds> read_kept_for(std::string_view value) {
    constexpr std::string_view kName = "timeout=";
    const auto at = value.find(kName);
    if (at == std::string_view::npos)
        return std::nullopt;
    const auto* const first = value.data() + at + kName.size();
    unsigned seconds = 0;
    if (std::from_chars(first, value.data() + value.size(), seconds).ec != std::errc{})
        return std::nullopt;
    // The bound keeps the arithmetic of deadlines safe from what a peer may claim.
    return std::chrono::seconds(std::min(seconds, 3600U));
}

/// Whether a field continues on a line that begins with a blank, which RFC 9112 §5.2 lets a client
/// of an answer accept: it replaces the line end by blanks.
bool has_fold(std::string_view head) {
    for (auto at = head.find('\n'); at != std::string_view::npos && at + 1 < head.size(); at = head.find('\n', at + 1))
        if (head[at + 1] == ' ' || head[at + 1] == '\t')
            return true;
    return false;
}

std::string unfolded(std::string_view head) {
    std::string text(head);
    for (auto at = text.find('\n'); at != std::string::npos && at + 1 < text.size(); at = text.find('\n', at + 1)) {
        if (text[at + 1] != ' ' && text[at + 1] != '\t')
            continue;
        text[at] = ' ';
        if (at > 0 && text[at - 1] == '\r')
            text[at - 1] = ' ';
    }
    return text;
}

class HeadReader {
public:
    std::optional<ResponseHead> read(std::string_view head, bool answers_head) {
        if (!read_status_line(take_line(head)))
            return std::nullopt;
        while (!head.empty())
            if (const auto line = take_line(head); !line.empty() && !read_field(line))
                return std::nullopt;
        // Two ways to tell the end of the body can contradict each other, and then a proxy in
        // between and we would read different answers (RFC 9112 §6.3).
        if (length_ && chunked_)
            return std::nullopt;
        decide(answers_head);
        return std::move(head_);
    }

private:
    // It reads `HTTP/1.1 202 Accepted`, of which the reason phrase is of no use to anybody.
    bool read_status_line(std::string_view line) {
        constexpr std::string_view kProtocol = "HTTP/1.";
        if (!same_word(line.substr(0, kProtocol.size()), kProtocol) || line.find('\r') != std::string_view::npos)
            return false;
        line.remove_prefix(kProtocol.size());
        if (line.size() < 2 || !is_digit(line[0]) || (line[1] != ' ' && line[1] != '\t'))
            return false;
        // HTTP/1.0 closes after an answer unless it says otherwise; 1.1 does the opposite.
        old_ = line[0] == '0';
        line = without_blanks(line.substr(1));
        const auto [end, ec] =
            std::from_chars(line.data(), line.data() + std::min<std::size_t>(line.size(), 3), head_.status);
        const auto digits = static_cast<std::size_t>(end - line.data());
        const bool ends = line.size() == digits || line[digits] == ' ' || line[digits] == '\t';
        return ec == std::errc{} && digits == 3 && ends && head_.status >= 100;
    }

    bool read_field(std::string_view line) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || line.find('\r') != std::string_view::npos ||
            line.find('\0') != std::string_view::npos)
            return false;
        const auto name = without_blanks(line.substr(0, colon));
        const auto value = without_blanks(line.substr(colon + 1));
        // A field whose name is broken is left out, unless it would decide where the body ends.
        if (name.empty() || !std::ranges::all_of(name, may_stand_in_name))
            return !frames(name);
        if (same_word(name, "Content-Length"))
            return read_length(value);
        if (same_word(name, "Transfer-Encoding"))
            return read_codings(value);
        if (same_word(name, "Connection"))
            read_connection(value);
        else if (same_word(name, "Keep-Alive"))
            head_.kept_for = read_kept_for(value);
        else if (same_word(name, "Retry-After"))
            head_.retry_after = value;
        return true;
    }

    // This shows a name that was tampered with so that some readers take it for a field of framing
    // and others do not.
    static bool frames(std::string_view name) {
        std::string clean;
        std::ranges::copy_if(name, std::back_inserter(clean), may_stand_in_name);
        return same_word(clean, "Content-Length") || same_word(clean, "Transfer-Encoding");
    }

    bool read_length(std::string_view value) {
        do {
            const auto element = take_element(value);
            std::uint64_t length = 0;
            const auto [end, ec] = std::from_chars(element.data(), element.data() + element.size(), length);
            // The same length twice is harmless (RFC 9110 §8.6); two different ones are not.
            if (ec != std::errc{} || end != element.data() + element.size() || length_.value_or(length) != length)
                return false;
            length_ = length;
        } while (!value.empty());
        return true;
    }

    bool read_codings(std::string_view value) {
        do {
            const auto coding = take_element(value);
            if (same_word(coding, "identity"))
                continue;
            // Any other coding would have to be undone before the body can be read, and we did not
            // ask for one.
            if (chunked_ || !same_word(coding, "chunked"))
                return false;
            chunked_ = true;
        } while (!value.empty());
        return true;
    }

    void read_connection(std::string_view value) {
        while (!value.empty()) {
            const auto word = take_element(value);
            closes_ = closes_ || same_word(word, "close");
            keeps_ = keeps_ || same_word(word, "keep-alive");
        }
    }

    void decide(bool answers_head) {
        const int status = head_.status;
        // These statuses never have a body, whatever their fields say (RFC 9112 §6.3).
        const bool empty = status / 100 == 1 || status == 204 || status == 304;
        head_.keep_alive = !closes_ && (!old_ || keeps_);
        if (answers_head || empty)
            head_.framing = Framing::none;
        else if (chunked_)
            head_.framing = Framing::chunked;
        else if (length_)
            head_.framing = Framing::length;
        head_.length = length_.value_or(0);
        // Where a body is announced that must not be there, nobody knows what comes next.
        if (head_.framing == Framing::until_close || (!answers_head && empty && (chunked_ || head_.length > 0)))
            head_.keep_alive = false;
    }

    ResponseHead head_;
    std::optional<std::uint64_t> length_;
    bool chunked_ = false;
    bool old_ = false;
    bool closes_ = false;
    bool keeps_ = false;
};

} // namespace

std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t from) {
    // The search begins three bytes before the place where the last one ended, since the empty line
    // may have been cut there.
    for (auto at = bytes.find('\n', from - std::min<std::size_t>(from, 3)); at != std::string_view::npos;
         at = bytes.find('\n', at + 1)) {
        const auto rest = bytes.substr(at + 1);
        if (rest.starts_with('\n'))
            return at + 2;
        if (rest.starts_with("\r\n"))
            return at + 3;
    }
    return std::nullopt;
}

std::optional<ResponseHead> parse_response_head(std::string_view head, bool answers_head) {
    return has_fold(head) ? HeadReader().read(unfolded(head), answers_head) : HeadReader().read(head, answers_head);
}

} // namespace smsbcast::http
