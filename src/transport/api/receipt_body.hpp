#pragma once

#include "smsbcast/domain/receipt.hpp"
#include "smsbcast/transport/problem.hpp"

#include <string_view>
#include <variant>

namespace smsbcast::transport {

/// What a request to /dlr says: `{"provider_id","status","message_id"?,"error_code"?}`, and `message_id` in the query.
std::variant<Receipt, Problem> read_receipt(std::string_view body, std::string_view query);

} // namespace smsbcast::transport
