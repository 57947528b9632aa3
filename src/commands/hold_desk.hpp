#pragma once

#include "smsbcast/config/config.hpp"
#include "smsbcast/ports/installation.hpp"

#include <memory>
#include <optional>
#include <string>

namespace smsbcast::commands {

struct Released {
    bool was_held = false;
    std::int64_t assumed_sent = 0;
};

/// Where the commands that hold and release an installation are carried out. Every call blocks, and throws
/// std::runtime_error with a sentence where it fails.
class HoldDesk {
public:
    virtual ~HoldDesk() = default;
    virtual std::optional<Hold> held() = 0;
    virtual Hold hold(const std::string& because) = 0;
    virtual Released release(std::optional<Timestamp> assume_sent_since) = 0;
};

/// On the database itself; or, where the embedded store is another process's, by the API of that process.
std::unique_ptr<HoldDesk> make_hold_desk(const config::Config& config);

/// The second of these.
std::unique_ptr<HoldDesk> make_api_desk(const config::Config& config);

} // namespace smsbcast::commands
