#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::adapters::rabbitmq {

/// Reads JSON from left to right, strictly by RFC 8259 (UTF-8 is not checked). Each call skips white space, then takes
/// what it is named after or leaves its place undefined and fails; after a failure the text is to be given up.
class JsonScanner {
public:
    explicit JsonScanner(std::string_view text) : text_(text) {}

    /// True when that character comes next; only then it is taken.
    bool take(char punctuation);

    /// The content of a string as it is written, with escapes left as they are: good for comparing
    /// with plain words.
    std::optional<std::string_view> string();

    /// An integer without fraction, exponent or leading zeros that fits.
    std::optional<std::int64_t> integer();

    /// Any value, nested no deeper than `depth` more levels.
    bool skip_value(int depth = 8);

    /// True when only white space is left.
    bool at_end();

private:
    void skip_space();
    bool skip_escape();
    bool skip_number();
    bool skip_digits();
    bool skip_members(char close, bool named, int depth);
    bool literal(std::string_view word);
    bool at(char c) const { return !text_.empty() && text_.front() == c; }

    std::string_view text_;
};

} // namespace smsbcast::adapters::rabbitmq
