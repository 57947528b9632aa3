#pragma once

#include "smsbcast/base/strong_id.hpp"

#include <map>
#include <string>
#include <vector>

namespace smsbcast::test {

/// All that a small store holds, as text: what two stores must agree in. Each fixture reads its own tables; the form of
/// the lines is that of store_model.cpp. Ids are 32 hexadecimal digits; a missing value is `-`; a flag is 0 or 1. Of a
/// time it says whether there is one, of a ticket's due time also whether it has come.
struct StoreImage {
    std::vector<std::string> lines; ///< sorted

    /// The ids of the tickets, which a store makes itself. A ticket is named by the first message that is still in it.
    std::map<std::string, TicketId> tickets;
};

} // namespace smsbcast::test
