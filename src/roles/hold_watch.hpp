#pragma once

#include "role_host.hpp"
#include "smsbcast/roles/backend.hpp"

namespace smsbcast::roles {

/// Watches the store and looks whether the installation is held, for a role that sends nothing meanwhile: logs every
/// change, and shows it with the role's readiness, which it does not change. Must not move while the host runs.
class HoldWatch {
public:
    /// Declares itself to the host.
    explicit HoldWatch(RoleHost& host);

private:
    Awaitable<Result<void>> look();
    void note(const std::optional<Hold>& hold);
    RoleHost::Details details() const;

    StoreSession& store_;
    std::unique_ptr<Installation> installation_;
    std::optional<Hold> hold_;
};

} // namespace smsbcast::roles
