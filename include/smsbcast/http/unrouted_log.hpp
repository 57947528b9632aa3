#pragma once

#include "smsbcast/base/log_sample.hpp"
#include "smsbcast/http/server.hpp"

#include <string>
#include <string_view>

namespace smsbcast::http {

/// Warns of requests that no route takes, a sample of them: a provider whose webhook address is a little wrong leaves
/// every message at `sent`, and whoever looks for the reason finds it here.
class UnroutedLog {
public:
    void note(const Request& request, int status);

private:
    LogSample sample_;
};

/// Gives at most `most` characters of a method or a path, as they may stand in a log: ASCII alone, without a query, and
/// without its digits where they may be a phone number.
std::string loggable(std::string_view text, std::size_t most);

} // namespace smsbcast::http
