#pragma once

#include <iosfwd>
#include <string>
#include <utility>

namespace smsbcast::config {

/// Text that must not reach a log or a terminal. Printing it does not compile; reveal() is the one, searchable way to
/// the text, for the library call that needs it. To show a URL without its password, see mask_password().
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}

    const std::string& reveal() const { return text_; }

    bool operator==(const Secret&) const = default;

private:
    std::string text_;
};

std::ostream& operator<<(std::ostream&, const Secret&) = delete;

} // namespace smsbcast::config
