#pragma once

#include "smsbcast/config/value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::config {

/// scheme://user@host + rest, where rest begins with `/`, `?` or `#`, or is empty. Views into the text.
struct UrlParts {
    std::string_view scheme;
    std::optional<std::string_view> user; ///< with its password
    std::string_view host;                ///< with its port
    std::string_view rest;
};

/// None when the text does not begin with `scheme://`.
std::optional<UrlParts> split_url(std::string_view text);

/// The host without port and brackets.
std::string host_of(const UrlParts& url);

/// `sqlite:PATH`, and its path.
bool is_embedded(std::string_view database_url);
std::string_view embedded_path(std::string_view database_url);

/// What keeps the text from being used as such a URL; none when nothing does. Never repeats a part of it.
std::optional<Refusal> refuse_url(kind::Url::For use, std::string_view text);

/// `postgres:// or postgresql:// URL, …`: what refuse_url() lets through.
std::string_view accepted_url_text(kind::Url::For use) noexcept;

} // namespace smsbcast::config
