#pragma once

#include <string>
#include <string_view>

namespace smsbcast::config {

/// The URL, or the libpq text `host=… password=…`, with `***` for each password: in the user part, and for parameters
/// whose name says that they hold one (password, sslpassword, token, api_key …). Everything else stays readable. Text
/// that is neither comes back as `***` alone, since no part of it is known to be harmless.
std::string mask_password(std::string_view text);

} // namespace smsbcast::config
