#pragma once

#include "smsbcast/base/uuid.hpp"

#include <cstdint>
#include <string>

namespace smsbcast::mock {

/// The ids under which messages are accepted: the UUID of an acceptance's number, so that a number is all that has to
/// be remembered. Different in each process, so that the ids of two runs never meet in one database.
class ProviderIds {
public:
    ProviderIds();

    /// Another one for each number below 2^62.
    Uuid of(std::uint64_t number) const;
    std::string text(std::uint64_t number) const { return to_string(of(number)); }

private:
    std::uint64_t first_half_;
    std::uint64_t mask_; ///< of the second half
};

/// The UUID that stands for a message whose own id is `text`, which is none.
Uuid uuid_of(std::string_view text);

} // namespace smsbcast::mock
