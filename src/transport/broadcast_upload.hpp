#pragma once

#include "broadcast_document.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace smsbcast::transport {

using runtime::Awaitable;

/// How many bytes of uploads may lie in memory at once. An upload that is alone may always go on, however large.
class UploadBudget {
public:
    explicit UploadBudget(std::size_t most) : most_(most) {}

    /// `mine`: what the caller holds already.
    bool take(std::size_t bytes, std::size_t mine) {
        const bool fits = held_ + bytes <= most_ || held_ == mine;
        held_ += fits ? bytes : 0;
        return fits;
    }
    void give_back(std::size_t bytes) { held_ -= bytes; }

private:
    std::size_t most_;
    std::size_t held_ = 0;
};

/// One POST /api/broadcasts: its body as it arrives, then the use case, then the answer.
class BroadcastUpload final : public http::BodySink {
public:
    BroadcastUpload(app::CreateBroadcast& create, std::shared_ptr<UploadBudget> budget,
                    std::chrono::milliseconds timeout)
        : create_(create), budget_(std::move(budget)), timeout_(timeout), document_(create.limits()) {}
    ~BroadcastUpload() override { budget_->give_back(held_); }

    bool write(std::string_view piece) override;
    Awaitable<http::Response> finish(const http::Request& request) override;

private:
    app::CreateBroadcast& create_;
    std::shared_ptr<UploadBudget> budget_;
    std::size_t held_ = 0;
    bool turned_away_ = false;
    std::chrono::milliseconds timeout_;
    BroadcastDocument document_;
};

} // namespace smsbcast::transport
