#pragma once

#include "role_host.hpp"
#include "smsbcast/config/role.hpp"

#include <array>

namespace smsbcast::roles {

std::unique_ptr<RoleParts> make_api(RoleHost& host);
std::unique_ptr<RoleParts> make_outbox(RoleHost& host);
std::unique_ptr<RoleParts> make_worker(RoleHost& host);
std::unique_ptr<RoleParts> make_dlr(RoleHost& host);
std::unique_ptr<RoleParts> make_mock_provider(RoleHost& host);

/// By role.
inline constexpr std::array kMakers{make_api, make_outbox, make_worker, make_dlr, make_mock_provider};

static_assert(kMakers.size() == config::kRoles.size(), "each role has its maker, in the order of the enum");

} // namespace smsbcast::roles
