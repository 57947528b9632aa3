#include "smsbcast/config/reach.hpp"

#include "smsbcast/base/loopback.hpp"
#include "url.hpp"

namespace smsbcast::config {

bool receipts_would_go_astray(const Config& config) {
    const auto provider = split_url(config.provider.url.reveal());
    const auto webhook = split_url(config.dlr.webhook_url);
    return provider && webhook && !is_loopback(host_of(*provider)) && is_loopback(host_of(*webhook));
}

} // namespace smsbcast::config
