#pragma once

#include "ledger.hpp"
#include "provider_ids.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::mock {

/// `{"data":[…],"next_after":n|null}`. A page that is not full is the last one for now.
std::string to_json(const std::vector<LedgerRow>& rows, std::size_t limit, const ProviderIds& ids);

} // namespace smsbcast::mock
