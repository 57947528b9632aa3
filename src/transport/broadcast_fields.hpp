#pragma once

#include "smsbcast/app/create_broadcast.hpp"
#include "smsbcast/http/problem.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::transport {

enum class JsonKind : std::uint8_t { text, number, boolean, null, object, array };

/// What the body of POST /api/broadcasts says, as far as it was read, and what is wrong with its form.
struct BroadcastReading {
    app::CreateBroadcast::Input input;
    std::vector<http::FieldError> mistakes{}; ///< of keys and types; at most 20 of keys and 100 of recipients
    std::int64_t not_strings = 0;             ///< recipients that were not even a text, listed or not
    bool message_given = false;               ///< rightly or not
    std::string message_key = "message";      ///< or "body", where that was used
    bool recipients_given = false;
    bool recipients_listed = false; ///< as an array that is not empty
};

/// Takes the keys and values of the document's one object in the order in which they come, and keeps no more of them
/// than can be right.
class BroadcastFields {
public:
    explicit BroadcastFields(const app::BroadcastLimits& limits);

    void key(std::string_view name);

    /// The value of the last key begins. True when what it holds is to be told.
    bool value(JsonKind kind);

    /// How many bytes of that value's text can be right.
    std::size_t most_bytes() const;

    /// Its text. `cut`: it went on beyond most_bytes().
    void text(std::string_view text, bool cut);

    /// For the elements of its array: texts go into the list, others are told here.
    app::RecipientList& recipients() { return reading_.input.recipients; }
    void not_a_recipient(JsonKind kind);

    /// The place of the value that is being read, as an error without code and message; without a field where it is in
    /// one that is not known.
    http::FieldError here() const;

    BroadcastReading take();

private:
    enum class Field : std::uint8_t { ignored, message, name, expires_at, recipients };
    void mistake(std::string_view field, std::string_view code, std::string message);
    void message_key(std::string_view name);
    void expiry(std::string_view text);

    app::BroadcastLimits limits_;
    BroadcastReading reading_;
    Field field_ = Field::ignored;
    bool name_given_ = false;
    bool expires_at_given_ = false;
    int listed_ = 0;
};

} // namespace smsbcast::transport
