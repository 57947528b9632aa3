#pragma once

#include "document_handler.hpp"

#include <boost/json/basic_parser.hpp>

#include <string>
#include <string_view>
#include <variant>

namespace smsbcast::transport {

/// Reads the body of POST /api/broadcasts piece by piece. The document never exists as a whole: a piece is read and
/// forgotten, and a recipient becomes 8 bytes at once.
class BroadcastDocument {
public:
    explicit BroadcastDocument(const app::BroadcastLimits& limits);

    /// False once the text can be no JSON object any more.
    bool write(std::string_view piece);

    /// After the last piece. The problem is a 400: this is no JSON object.
    std::variant<BroadcastReading, http::Problem> finish();

private:
    http::Problem half_a_letter() const;
    std::string_view without_mark(std::string_view piece);
    bool feed(bool more, std::string_view piece);
    void explain(std::string_view piece, std::size_t at);

    boost::json::basic_parser<DocumentHandler> json_;
    boost::json::error_code error_;
    std::size_t mark_ = 0; ///< how much of a byte-order mark was read
    std::string last_;     ///< what came before the piece that is being read
    bool is_half_a_letter_ = false;
    bool empty_ = true;
};

} // namespace smsbcast::transport
