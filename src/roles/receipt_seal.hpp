#pragma once

#include "smsbcast/config/config.hpp"
#include "smsbcast/domain/receipt_seal.hpp"
#include "smsbcast/ports/installation.hpp"

namespace smsbcast::roles {

/// By which worker and dlr seal and know the addresses for receipts: with the configured secrets, and last with the
/// installation's own, so that what was sealed before a secret was configured is still known.
inline ReceiptSeal receipt_seal(const config::Config& config, const InstallationIdentity& installation) {
    auto secrets = config::split_secrets(config.dlr.secret);
    secrets.push_back(installation.receipt_secret);
    return {std::move(secrets), installation.sealed_since};
}

} // namespace smsbcast::roles
