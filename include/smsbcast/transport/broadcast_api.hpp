#pragma once

#include "smsbcast/app/control_broadcast.hpp"
#include "smsbcast/app/create_broadcast.hpp"
#include "smsbcast/app/read_broadcasts.hpp"
#include "smsbcast/http/server.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace smsbcast::transport {

using runtime::Awaitable;

class UploadBudget;

struct BroadcastApiOptions {
    std::size_t max_body = 256 * 1024 * 1024;   ///< bytes of a POST /api/broadcasts; 10 million numbers take 160 MB
    std::size_t max_uploads = 64 * 1024 * 1024; ///< bytes of all bodies that lie in memory, unless there is only one
    std::chrono::milliseconds create_timeout{120000}; ///< for the one transaction that stores a broadcast
    std::chrono::milliseconds store_timeout{5000};    ///< for everything else
};

/// `/api/broadcasts` and `/api/messages`: creating, reading in keyset pages, pausing, resuming, canceling.
///
/// A 201 is sent after the commit. Wrong input is told completely: every mistake of the document in one answer (of
/// wrong recipients the first 100), and nothing is stored. Pages go on after the last id of the one before, by a cursor
/// that is good for its own list and filter only. Belongs to the shard of its store; must outlive its routes.
class BroadcastApi {
public:
    BroadcastApi(app::CreateBroadcast& create, BroadcastStore& store, BroadcastApiOptions options);

    std::vector<http::Route> routes();

private:
    Awaitable<http::Response> list(const http::Request& request);
    Awaitable<http::Response> show(const http::Request& request);
    Awaitable<http::Response> messages(const http::Request& request);
    Awaitable<http::Response> message(const http::Request& request);
    Awaitable<http::Response> command(const http::Request& request, BroadcastCommand command);

    Deadline soon() const { return Deadline::after(options_.store_timeout); }

    app::CreateBroadcast& create_;
    app::ReadBroadcasts read_;
    app::ControlBroadcast control_;
    BroadcastApiOptions options_;
    std::shared_ptr<UploadBudget> uploads_;
};

} // namespace smsbcast::transport
