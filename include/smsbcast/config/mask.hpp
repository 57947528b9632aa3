#pragma once

#include <string>
#include <string_view>

namespace smsbcast::config {

/// The URL, or the libpq text `host=… password=…`, with `***` for each password: in the user part, and for parameters
/// that may hold one: of a database those whose name says so (password, sslpassword, token …) and `options`, of a
/// broker all but a few that are known, of a provider all, and its user too where there is no password beside it.
/// Everything else stays readable. Text that is neither comes back as `***` alone, since no part of it is known to be
/// harmless.
std::string mask_password(std::string_view text);

} // namespace smsbcast::config
