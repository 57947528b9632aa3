#pragma once

#include "smsbcast/base/log_sample.hpp"
#include "smsbcast/http/server.hpp"

#include <string_view>

namespace smsbcast::http {

/// Logs why requests failed, each with its id, so that whoever was answered a 5xx can be told the reason. Of overload,
/// which would be made worse by a line for each, a sample is logged.
class TroubleLog {
public:
    void note(const Trouble& trouble, std::string_view request_id, const Route* route, int status);

private:
    LogSample overload_;
};

} // namespace smsbcast::http
