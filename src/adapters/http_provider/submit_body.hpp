#pragma once

#include "smsbcast/domain/receipt_seal.hpp"
#include "smsbcast/ports/sms_provider.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace smsbcast::adapters::http_provider {

/// Makes the body of `POST /send`. The same submission always gives the same bytes: providers compare them when they
/// meet an idempotency key again.
class SubmitBody {
public:
    SubmitBody(std::string webhook_url, std::optional<ReceiptSeal> seal);

    std::string make(const Submission& submission);

private:
    const std::string& escaped(const std::shared_ptr<const std::string>& text);

    struct Escaped {
        std::shared_ptr<const std::string> text; // held, so that its address means this text and no other
        std::string json;
    };
    // The texts of the broadcasts that are being sent at the moment: a handful, each of which
    // serves thousands of messages.
    std::array<Escaped, 16> texts_;
    std::size_t oldest_ = 0;
    std::optional<ReceiptSeal> seal_;
    std::string webhook_json_; // the address and what goes before the id, escaped, with its opening quote
};

} // namespace smsbcast::adapters::http_provider
