#pragma once

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

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

/// The secrets of a text that holds several with commas between them, without blanks around them; none of an empty
/// text.
std::vector<std::string> split_secrets(const Secret& secrets);

} // namespace smsbcast::config
