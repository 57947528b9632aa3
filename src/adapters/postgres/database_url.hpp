#pragma once

#include <string>

namespace smsbcast::adapters::postgres {

/// `host:port/database` of a URL that check_url() accepts, for people: never the user or the password. Each of several
/// hosts with its port.
std::string shown_address(const std::string& url);

} // namespace smsbcast::adapters::postgres
