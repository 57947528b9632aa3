#include "smsbcast/domain/receipt_seal.hpp"

#include "smsbcast/base/hmac.hpp"

namespace smsbcast {

namespace {

constexpr std::size_t kSealedBytes = 16;

std::string seal_under(const std::string& secret, const MessageId& message) {
    static constexpr char kHex[] = "0123456789abcdef";
    // The word keeps a seal from being good for anything else that the same secret may sign one day.
    const auto digest = hmac_sha256(secret, "receipt:" + to_string(message));
    std::string seal;
    for (const auto byte : std::span(digest).first<kSealedBytes>()) {
        seal += kHex[std::to_integer<unsigned>(byte) >> 4U];
        seal += kHex[std::to_integer<unsigned>(byte) & 15U];
    }
    return seal;
}

} // namespace

std::string ReceiptSeal::of(const MessageId& message) const {
    return seal_under(secrets_.front(), message);
}

bool ReceiptSeal::is_genuine(const MessageId& message, std::string_view seal) const {
    bool genuine = false;
    for (const auto& secret : secrets_) {
        const auto right = seal_under(secret, message);
        genuine = equal_in_constant_time(std::as_bytes(std::span(right)), std::as_bytes(std::span(seal))) || genuine;
    }
    return genuine;
}

} // namespace smsbcast
