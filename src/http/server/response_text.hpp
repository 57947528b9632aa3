#pragma once

#include "smsbcast/http/server.hpp"

#include <ctime>
#include <string>
#include <string_view>

namespace smsbcast::http {

/// The value of the Date field, made once a second.
class DateText {
public:
    std::string_view now();

private:
    std::time_t second_ = 0;
    std::string text_;
};

/// What an answer says about its connection.
struct Exchange {
    std::string_view request_id;
    std::string_view date;
    bool keep_alive = true;
    bool http_1_0 = false;
    bool head_only = false; ///< the answer to a HEAD request
};

/// Appends the status line and fields, with the empty line. Without Content-Length where no body may be
/// (204, 304), and where a source makes it: that is chunked, or lasts until the connection ends.
void append_head(std::string& out, const Response& response, const Exchange& exchange);

/// Appends a part of a body whose length was not announced: as a chunk, or as it is. Nothing for an empty one, which as
/// a chunk would be the end.
void append_part(std::string& out, std::string_view part, bool chunked);

/// What comes after the last chunk.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

/// The phrase that RFC 9110 gives to a status code.
std::string_view reason_phrase(int status);

} // namespace smsbcast::http
