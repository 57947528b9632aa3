#pragma once

#include <optional>
#include <string>
#include <vector>

namespace smsbcast::commands {

/// What came of asking one address for a role's health.
struct HealthAnswer {
    std::string address;                ///< host and port
    std::string expected;               ///< the role that is configured there
    bool ready = false;                 ///< it answered 200
    std::string role{};                 ///< by its own word; empty: nobody answered, or somebody else
    std::vector<std::string> process{}; ///< the roles of its process
    std::string words{};                ///< what it said, or why nothing came
};

struct HealthReport {
    std::vector<std::string> lines; ///< one a role
    bool healthy = false;
};

/// Healthy is a machine on which at least one role answers, every one that answers is ready, and so is each of those
/// that share a process with one that answers. A role that runs elsewhere, or not at all, is not missed.
HealthReport judge(const std::vector<HealthAnswer>& answers);

/// What an answer of `/health/ready` says of who gives it, put into `answer`; nothing when it is not one of a role.
void read_health(const std::string& body, HealthAnswer& answer);

} // namespace smsbcast::commands
