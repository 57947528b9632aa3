#pragma once

#include "smsbcast/base/log_sample.hpp"
#include "smsbcast/base/timestamp.hpp"
#include "smsbcast/domain/receipt_seal.hpp"
#include "smsbcast/http/problem.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::transport {

using runtime::Awaitable;

struct ReceiptDoorOptions {
    bool unsigned_too = false; ///< everybody is let in
    std::string token{};       ///< whoever shows it is let in; empty: there is none
};

/// Lets in at the webhook for receipts whoever was given the address by us, by the `sig` that the address has beside
/// its `message_id` (ReceiptSeal); or shows the token, as `Authorization: Bearer` or `X-Webhook-Token`. Others are
/// answered 401 before anything of the body is read, counted, and logged at most once in a while. Belongs to one shard;
/// must outlive the admissions that it made.
class ReceiptDoor {
public:
    explicit ReceiptDoor(ReceiptDoorOptions options) : options_(std::move(options)) {}

    /// To be called before the first request. Until messages are sealed every receipt is let in; for
    /// ReceiptSeal::kUnsealedFor longer those whose address names a message that was made before, which they can be of
    /// and no other.
    void open(ReceiptSeal seal);

    http::Admission admission();

    std::uint64_t refused() const { return refused_.seen(); }

    enum class Verdict : std::uint8_t {
        in,
        in_for_its_message, ///< by an id that anybody can invent: it must find nothing but the message of that id
        without_seal,
        wrong_seal,
    };

    /// What becomes of a request with this head.
    Verdict judge(const http::Request& request, Timestamp now = wall_clock()) const;

    /// Whether a request that was let in may find nothing but the message that its address names. Costs nothing once no
    /// such request is let in any more.
    bool is_for_its_message_only(const http::Request& request, Timestamp now = wall_clock()) const;

private:
    bool shows_token(const http::Request& request) const;
    http::Response refusal(const http::Request& request, Verdict verdict);
    static Awaitable<std::optional<http::Response>> refuse(http::Response response);

    ReceiptDoorOptions options_;
    std::optional<ReceiptSeal> seal_;
    LogSample refused_;
};

} // namespace smsbcast::transport
