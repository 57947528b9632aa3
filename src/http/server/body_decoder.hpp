#pragma once

#include "request_head.hpp"

#include <span>
#include <string_view>

namespace smsbcast::http {

/// What became of some bytes of a body.
struct BodyStep {
    enum class Outcome {
        more,      ///< call again, with more input when nothing was consumed
        done,      ///< the body has ended
        too_large, ///< more than the limit that was set in the parser
        malformed, ///< no chunked body
    };
    Outcome outcome = Outcome::more;
    std::size_t consumed = 0; ///< of the input
    std::size_t produced = 0; ///< at the head of the output
};

/// Decodes as much of `input` as fits into `output`. `parser` has read a head and is not done yet.
BodyStep decode_body(RequestParser& parser, std::string_view input, std::span<char> output);

} // namespace smsbcast::http
