#pragma once

#include "broadcast_document.hpp"

#include <chrono>

namespace smsbcast::transport {

/// One POST /api/broadcasts: its body as it arrives, then the use case, then the answer.
class BroadcastUpload final : public BodySink {
public:
    BroadcastUpload(app::CreateBroadcast& create, std::chrono::milliseconds timeout)
        : create_(create), timeout_(timeout), document_(create.limits()) {}

    bool write(std::string_view piece) override { return document_.write(piece); }
    Awaitable<Response> finish(const Request& request) override;

private:
    app::CreateBroadcast& create_;
    std::chrono::milliseconds timeout_;
    BroadcastDocument document_;
};

} // namespace smsbcast::transport
