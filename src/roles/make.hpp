#pragma once

#include "role_host.hpp"
#include "smsbcast/roles/backend.hpp"

namespace smsbcast::roles {

std::unique_ptr<runtime::Service> make_api(const config::Config& config, const Backend& backend,
                                           boost::asio::io_context& shard);
std::unique_ptr<runtime::Service> make_outbox(const config::Config& config, const Backend& backend,
                                              boost::asio::io_context& shard);
std::unique_ptr<runtime::Service> make_worker(const config::Config& config, const Backend& backend,
                                              boost::asio::io_context& shard);
std::unique_ptr<runtime::Service> make_dlr(const config::Config& config, const Backend& backend,
                                           boost::asio::io_context& shard);
std::unique_ptr<runtime::Service> make_mock_provider(const config::Config& config, boost::asio::io_context& shard);

} // namespace smsbcast::roles
