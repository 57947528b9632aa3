#pragma once

#include "role_host.hpp"
#include "smsbcast/config/role.hpp"
#include "smsbcast/roles/backend.hpp"

#include <array>

namespace smsbcast::roles {

std::unique_ptr<runtime::Service> make_api(const config::Config& config, const Backend& backend,
                                           boost::asio::io_context& shard);
std::unique_ptr<runtime::Service> make_outbox(const config::Config& config, const Backend& backend,
                                              boost::asio::io_context& shard);
std::unique_ptr<runtime::Service> make_worker(const config::Config& config, const Backend& backend,
                                              boost::asio::io_context& shard);
std::unique_ptr<runtime::Service> make_dlr(const config::Config& config, const Backend& backend,
                                           boost::asio::io_context& shard);
std::unique_ptr<runtime::Service> make_mock_provider(const config::Config& config, const Backend& backend,
                                                     boost::asio::io_context& shard);

/// By role.
inline constexpr std::array kMakers{make_api, make_outbox, make_worker, make_dlr, make_mock_provider};

static_assert(kMakers.size() == config::kRoles.size(), "each role has its maker, in the order of the enum");

} // namespace smsbcast::roles
