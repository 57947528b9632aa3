#pragma once

#include "role_host.hpp"
#include "smsbcast/roles/backend.hpp"

namespace smsbcast::roles {

/// Looks whether the installation is held, for a role that sends nothing meanwhile: logs every change, and shows it
/// with the role's readiness, which it does not change.
class HoldWatch {
public:
    HoldWatch(RoleHost& host, StoreSession& store) : host_(host), store_(store), installation_(store.installation()) {}

    /// Makes the role's watch over its database look at it too.
    void start();

private:
    Awaitable<Result<void>> look();
    void note(const std::optional<Hold>& hold);
    transport::Readiness::Details details() const;

    RoleHost& host_;
    StoreSession& store_;
    std::unique_ptr<Installation> installation_;
    std::optional<Hold> hold_;
};

} // namespace smsbcast::roles
