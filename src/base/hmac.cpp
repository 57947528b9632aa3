#include "smsbcast/base/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace smsbcast {

Sha256 hmac_sha256(std::string_view key, std::string_view text) {
    Sha256 digest;
    // Fetched once: OpenSSL 3 would otherwise search its providers for the algorithm in each call.
    static const EVP_MD* const sha256 = ::EVP_MD_fetch(nullptr, "SHA256", nullptr);
    unsigned length = 0;
    if (!sha256 ||
        !::HMAC(sha256, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
                text.size(), reinterpret_cast<unsigned char*>(digest.data()), &length))
        throw std::runtime_error("OpenSSL cannot compute HMAC-SHA-256");
    return digest;
}

bool equal_in_constant_time(std::span<const std::byte> one, std::span<const std::byte> other) {
    return one.size() == other.size() && ::CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

} // namespace smsbcast
