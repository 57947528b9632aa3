#pragma once

#include "broadcast_fields.hpp"

#include <boost/json/error.hpp>
#include <boost/json/string_view.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace smsbcast::transport {

/// Turns the events of Boost.JSON's parser into those of BroadcastFields. What is nested deeper than an element of
/// `recipients` is not looked at.
class DocumentHandler {
public:
    using Text = boost::json::string_view;
    using Error = boost::json::error_code;

    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    explicit DocumentHandler(const app::BroadcastLimits& limits) : fields(limits) {}

    bool on_document_begin(Error&) { return true; }
    bool on_document_end(Error&) { return true; }
    bool on_object_begin(Error& error) { return begin(JsonKind::object, error); }
    bool on_object_end(std::size_t, Error&) { return end(); }
    bool on_array_begin(Error& error) { return begin(JsonKind::array, error); }
    bool on_array_end(std::size_t, Error&) { return end(); }
    bool on_key_part(Text part, std::size_t total, Error&) { return key(part, total, false); }
    bool on_key(Text part, std::size_t total, Error&) { return key(part, total, true); }
    bool on_string_part(Text part, std::size_t total, Error& error) { return string(part, total, false, error); }
    bool on_string(Text part, std::size_t total, Error& error) { return string(part, total, true, error); }
    bool on_number_part(Text, Error&) { return true; }
    bool on_int64(std::int64_t, Text, Error& error) { return scalar(JsonKind::number, error); }
    bool on_uint64(std::uint64_t, Text, Error& error) { return scalar(JsonKind::number, error); }
    bool on_double(double, Text, Error& error) { return scalar(JsonKind::number, error); }
    bool on_bool(bool, Error& error) { return scalar(JsonKind::boolean, error); }
    bool on_null(Error& error) { return scalar(JsonKind::null, error); }
    bool on_comment_part(Text, Error&) { return true; }
    bool on_comment(Text, Error&) { return true; }

    /// What is wrong with the string that the parser has just refused.
    http::FieldError lone_surrogate() const;

    BroadcastFields fields;
    bool not_an_object = false;

private:
    static constexpr std::size_t kMaxKeyBytes = 64; // enough to name an unknown one

    bool begin(JsonKind kind, Error& error);
    bool end();
    bool key(Text part, std::size_t total, bool last);
    bool string(Text part, std::size_t total, bool last, Error& error);
    bool scalar(JsonKind kind, Error& error);
    bool keep(Text part, std::size_t total, std::size_t most);

    int depth_ = 0;
    bool named_ = false; // the key of the value that is being read is known
    bool in_recipients_ = false;
    bool wanted_ = false; // the string that is being read
    bool cut_ = false;
    std::string held_; // its parts, or those of a key
};

} // namespace smsbcast::transport
