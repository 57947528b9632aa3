#pragma once

#include "broadcast_fields.hpp"

#include <memory>
#include <string_view>
#include <variant>

namespace smsbcast::transport {

/// Reads the body of POST /api/broadcasts piece by piece. The document never exists as a whole: a piece is read and
/// forgotten, and a recipient becomes 8 bytes at once.
class BroadcastDocument {
public:
    explicit BroadcastDocument(const app::BroadcastLimits& limits);
    ~BroadcastDocument();

    /// False once the text can be no JSON object any more.
    bool write(std::string_view piece);

    /// After the last piece. The problem is a 400: this is no JSON object.
    std::variant<BroadcastReading, http::Problem> finish();

private:
    class Parser;
    std::unique_ptr<Parser> parser_;
};

} // namespace smsbcast::transport
