#include "smsbcast/config/role.hpp"

namespace smsbcast::config {

std::string_view to_string(Role role) noexcept {
    switch (role) {
    case Role::api: return "api";
    case Role::outbox: return "outbox";
    case Role::worker: return "worker";
    case Role::dlr: return "dlr";
    case Role::mock_provider: return "mock-provider";
    }
    return "?";
}

} // namespace smsbcast::config
