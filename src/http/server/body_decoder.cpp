#include "body_decoder.hpp"

#include <boost/asio/buffer.hpp>

namespace smsbcast::http {

namespace beast_http = boost::beast::http;

BodyStep decode_body(RequestParser& parser, std::string_view input, std::span<char> output) {
    auto& body = parser.get().body();
    body.data = output.data();
    body.size = output.size();
    body.more = true;
    parser.eager(true); // several chunks in one call
    BodyStep step;
    boost::system::error_code error;
    step.consumed = parser.put(boost::asio::buffer(input.data(), input.size()), error);
    step.produced = output.size() - body.size;
    if (error == beast_http::error::body_limit)
        step.outcome = BodyStep::Outcome::too_large;
    else if (error && error != beast_http::error::need_more && error != beast_http::error::need_buffer)
        step.outcome = BodyStep::Outcome::malformed;
    else if (parser.is_done())
        step.outcome = BodyStep::Outcome::done;
    return step;
}

} // namespace smsbcast::http
