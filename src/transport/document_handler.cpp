#include "document_handler.hpp"

namespace smsbcast::transport {

// Every value that is not a string comes through here, a container when it begins.
bool DocumentHandler::scalar(JsonKind kind, Error& error) {
    if (depth_ == 0 && kind != JsonKind::object) {
        not_an_object = true;
        error = boost::json::error::syntax;
        return false;
    }
    named_ = named_ && (depth_ != 1 || kind == JsonKind::object || kind == JsonKind::array);
    if (depth_ == 1)
        in_recipients_ = fields.value(kind) && kind == JsonKind::array;
    else if (depth_ == 2 && in_recipients_)
        fields.not_a_recipient(kind);
    return true;
}

bool DocumentHandler::begin(JsonKind kind, Error& error) {
    const bool sound = scalar(kind, error);
    ++depth_;
    return sound;
}

bool DocumentHandler::end() {
    --depth_;
    named_ = named_ && depth_ > 1;
    in_recipients_ = in_recipients_ && depth_ > 1;
    return true;
}

// Collects a string that came in parts. `total` counts this part too, so the first one is known by its size.
bool DocumentHandler::keep(Text part, std::size_t total, std::size_t most) {
    if (total == part.size()) {
        held_.clear();
        cut_ = false;
    }
    const auto room = most - held_.size();
    cut_ = cut_ || part.size() > room;
    held_.append(part.data(), std::min(part.size(), room));
    return true;
}

bool DocumentHandler::key(Text part, std::size_t total, bool last) {
    if (depth_ != 1)
        return true;
    keep(part, total, kMaxKeyBytes);
    if (last)
        fields.key(held_);
    named_ = last;
    return true;
}

bool DocumentHandler::string(Text part, std::size_t total, bool last, Error& error) {
    const bool first = total == part.size();
    named_ = named_ && !(last && depth_ == 1);
    if (first && depth_ == 0)
        return scalar(JsonKind::text, error);
    if (first)
        wanted_ = depth_ == 1 ? fields.value(JsonKind::text) : depth_ == 2 && in_recipients_;
    if (!wanted_)
        return true;
    if (first && last && depth_ == 2) { // nearly all of a large document
        fields.recipients().add({part.data(), std::min(part.size(), fields.most_bytes())});
        return true;
    }
    keep(part, total, fields.most_bytes());
    if (last && depth_ == 2)
        fields.recipients().add(held_);
    else if (last)
        fields.text(held_, cut_);
    return true;
}

http::FieldError DocumentHandler::lone_surrogate() const {
    auto error = named_ ? fields.here() : http::FieldError{};
    error.code = "lone_surrogate";
    error.message =
        "has an escape that is half a letter (a lone surrogate, \\ud800 to \\udfff); send both halves of the "
        "pair, or the letter itself";
    return error;
}

} // namespace smsbcast::transport
