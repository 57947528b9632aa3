#include "broadcast_document.hpp"

#include "document_handler.hpp"

#include <boost/json/basic_parser_impl.hpp>

namespace smsbcast::transport {

namespace {

boost::json::parse_options strictness() {
    boost::json::parse_options options;
    options.max_depth = 16;
    // Each text is checked where it is used, so that the answer can name it.
    options.allow_invalid_utf8 = true;
    return options;
}

} // namespace

class BroadcastDocument::Parser {
public:
    explicit Parser(const app::BroadcastLimits& limits) : json_(strictness(), limits) {}

    bool write(std::string_view piece) {
        empty_ = empty_ && piece.empty();
        return feed(true, piece);
    }

    std::variant<BroadcastReading, Problem> finish() {
        if (empty_)
            return Problem{
                400, "empty_body", "The body is empty; send a JSON object with message and recipients.", {}, {}};
        feed(false, {});
        if (json_.handler().not_an_object)
            return Problem{400, "not_an_object", "The body must be a JSON object with message and recipients.", {}, {}};
        if (error_)
            return Problem{400, "malformed_json", "The body is not JSON: " + error_.message() + ".", {}, {}};
        return json_.handler().fields.take();
    }

private:
    bool feed(bool more, std::string_view piece) {
        if (error_)
            return false;
        const auto taken = json_.write_some(more, piece.data(), piece.size(), error_);
        if (!error_ && taken < piece.size())
            error_ = boost::json::error::extra_data;
        return !error_;
    }

    boost::json::basic_parser<DocumentHandler> json_;
    boost::json::error_code error_;
    bool empty_ = true;
};

BroadcastDocument::BroadcastDocument(const app::BroadcastLimits& limits) : parser_(std::make_unique<Parser>(limits)) {}

BroadcastDocument::~BroadcastDocument() = default;

bool BroadcastDocument::write(std::string_view piece) {
    return parser_->write(piece);
}

std::variant<BroadcastReading, Problem> BroadcastDocument::finish() {
    return parser_->finish();
}

} // namespace smsbcast::transport
