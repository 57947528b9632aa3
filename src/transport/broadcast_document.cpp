#include "broadcast_document.hpp"

#include "smsbcast/base/foreign_json.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <string>

namespace smsbcast::transport {

namespace {

boost::json::parse_options strictness() {
    boost::json::parse_options options;
    options.max_depth = 16;
    // Each text is checked where it is used, so that the answer can name it.
    options.allow_invalid_utf8 = true;
    return options;
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Two pairs of escapes: enough around an error to see whether it is about half of one.
constexpr std::size_t kAround = 24;

} // namespace

BroadcastDocument::BroadcastDocument(const app::BroadcastLimits& limits) : json_(strictness(), limits) {}

bool BroadcastDocument::write(std::string_view piece) {
    piece = without_mark(piece);
    empty_ = empty_ && piece.empty();
    return feed(true, piece);
}

std::variant<BroadcastReading, http::Problem> BroadcastDocument::finish() {
    if (empty_)
        return http::Problem{
            400, "empty_body", "The body is empty; send a JSON object with message and recipients.", {}, {}};
    feed(false, {});
    if (json_.handler().not_an_object)
        return http::Problem{
            400, "not_an_object", "The body must be a JSON object with message and recipients.", {}, {}};
    if (is_half_a_letter_)
        return half_a_letter();
    if (error_)
        return http::Problem{400, "malformed_json", "The body is not JSON: " + error_.message() + ".", {}, {}};
    return json_.handler().fields.take();
}

http::Problem BroadcastDocument::half_a_letter() const {
    auto error = json_.handler().lone_surrogate();
    http::Problem problem{422, "invalid_broadcast", "The broadcast was not accepted and nothing was stored.", {}, {}};
    if (error.field.empty())
        problem.detail += " A text in it " + error.message + ".";
    else
        problem.errors.push_back(std::move(error));
    return problem;
}

// Some editors put a byte-order mark before every text; it may come in pieces like everything else.
std::string_view BroadcastDocument::without_mark(std::string_view piece) {
    while (mark_ < kByteOrderMark.size() && !piece.empty()) {
        if (piece.front() != kByteOrderMark[mark_]) {
            feed(true, kByteOrderMark.substr(0, mark_));
            mark_ = kByteOrderMark.size();
            break;
        }
        ++mark_;
        piece.remove_prefix(1);
    }
    return piece;
}

bool BroadcastDocument::feed(bool more, std::string_view piece) {
    if (error_)
        return false;
    const auto taken = json_.write_some(more, piece.data(), piece.size(), error_);
    if (error_)
        explain(piece, taken);
    else if (taken < piece.size())
        error_ = boost::json::error::extra_data;
    last_.append(piece.substr(piece.size() - std::min(piece.size(), kAround)));
    last_.erase(0, last_.size() - std::min(last_.size(), kAround));
    return !error_;
}

// The parser's errors say so in some of the cases only.
void BroadcastDocument::explain(std::string_view piece, std::size_t at) {
    const auto before = last_ + std::string(piece.substr(0, at));
    const auto start = before.size() - std::min(before.size(), kAround);
    const auto around = before.substr(start) + std::string(piece.substr(at, kAround));
    const auto found = find_lone_surrogate(around, start > 0 ? kAround / 2 : 0);
    is_half_a_letter_ = found <= before.size() - start;
}

} // namespace smsbcast::transport
