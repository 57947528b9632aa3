#include "trouble_log.hpp"

#include "smsbcast/base/log.hpp"

namespace smsbcast::http {

void TroubleLog::note(const Trouble& trouble, std::string_view request_id, const Route* route, int status) {
    if (trouble.overload) {
        if (overload_.take())
            log::warn("requests_turned_away", {{"request_id", request_id},
                                               {"status", status},
                                               {"reason", trouble.reason},
                                               {"so_far", overload_.seen()}});
        return;
    }
    log::write(trouble.defect ? log::Level::error : log::Level::warn, "request_failed",
               {{"request_id", request_id},
                {"method", route ? route->method : std::string_view()},
                {"route", route ? route->path : std::string_view()},
                {"status", status},
                {"reason", trouble.reason}});
}

} // namespace smsbcast::http
