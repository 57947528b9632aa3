#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace smsbcast::adapters::http_provider {

/// The words in which an answer says what went wrong, as problem+json (RFC 9457) and the usual
/// home-made forms carry them: a text, or else a code, under one of the names that people use for
/// it, perhaps within `error` or the first of `errors`. Empty when nothing is found.
std::string words_of(const boost::json::value& body);

/// The words of a body that is no JSON: the text itself, but for a page that is made for a browser.
std::string_view words_of_text(std::string_view body);

} // namespace smsbcast::adapters::http_provider
