#pragma once

#include "smsbcast/domain/receipt.hpp"
#include "smsbcast/http/problem.hpp"

#include <string_view>
#include <variant>

namespace smsbcast::transport {

/// What a request to /dlr says: `{"status","provider_id"?,"message_id"?,"error_code"?}`, and `message_id` in the query.
///
/// Needed are the status and something that names the message: our id, of which the query's counts before the body's,
/// or the provider's. Nothing else can make a receipt wrong, since a receipt that is refused is lost.
std::variant<Receipt, http::Problem> read_receipt(std::string_view body, std::string_view query);

} // namespace smsbcast::transport
