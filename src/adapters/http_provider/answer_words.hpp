#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace smsbcast::adapters::http_provider {

/// What an answer says went wrong, as problem+json and the usual home-made forms carry it: a text, or else a code,
/// under one of the names that people use for it, perhaps within `error` or the first of `errors`. Empty when nothing
/// is found.
std::string words_of(const boost::json::value& body);

/// What a body says that is no JSON: the text itself, but for a page that is made for a browser.
std::string_view words_of_text(std::string_view body);

} // namespace smsbcast::adapters::http_provider
