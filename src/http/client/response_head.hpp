#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::http {

/// How the end of an answer's body is known.
enum class Framing : std::uint8_t { none, length, chunked, until_close };

/// What matters of an answer's status line and fields.
struct ResponseHead {
    int status = 0;
    Framing framing = Framing::until_close;
    std::uint64_t length = 0; ///< of the body, where the framing is `length`
    bool keep_alive = true;
    std::optional<std::chrono::seconds> kept_for; ///< what the peer says it will keep an idle connection for
    std::string retry_after;                      ///< the field's text
};

/// Where the head at the front of `bytes` ends, the empty line included; nothing while it is incomplete. `from` is
/// where an earlier search ended.
std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t from = 0);

/// Reads a whole head. Liberal where only one meaning is possible, since what is not understood here is a message of
/// which nobody knows whether it was sent: lines may end with LF alone, a reason and the space before it may be
/// missing, blanks may stand wherever people put them, fields may be folded, a length may be given twice alike, and
/// fields whose names are no names are left out.
///
/// Nothing when it is no answer of HTTP/1, or when it can be read in two ways: two lengths, a length beside chunks,
/// a coding that is not `chunked`, a CR that ends no line. The answer to a HEAD has no body.
std::optional<ResponseHead> parse_response_head(std::string_view head, bool answers_head);

} // namespace smsbcast::http
