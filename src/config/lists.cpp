#include "smsbcast/config/list.hpp"

namespace smsbcast::config {

std::span<const List> lists() noexcept {
    return {};
}

} // namespace smsbcast::config
