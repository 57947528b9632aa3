#include "smsbcast/domain/receipt_seal.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;

namespace {

const MessageId kMessage{*parse_uuid("0192f0c4-7b8a-7c3d-8e1f-0123456789ab")};

ReceiptSeal sealed_with(std::vector<std::string> secrets) {
    return {std::move(secrets), Timestamp()};
}

} // namespace

TEST_CASE("receipt seal: it is half of an HMAC over the message's id", "[domain][receipt_seal]") {
    // printf 'receipt:0192f0c4-…' | openssl dgst -sha256 -hmac secret
    CHECK(sealed_with({"secret"}).of(kMessage) == "5963d5dc2e3530b48f84b5998d47bb2b");
}

TEST_CASE("receipt seal: it is genuine for its message and secret alone", "[domain][receipt_seal]") {
    const auto seal = sealed_with({"secret"});
    const auto text = seal.of(kMessage);
    CHECK(text.size() == 32);
    CHECK(seal.is_genuine(kMessage, text));
    CHECK_FALSE(seal.is_genuine({new_uuid()}, text));
    CHECK_FALSE(sealed_with({"Secret"}).is_genuine(kMessage, text));
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto changed = text;
        changed[at] = changed[at] == '0' ? '1' : '0';
        CHECK_FALSE(seal.is_genuine(kMessage, changed));
    }
    for (const auto& other : {std::string(), text.substr(1), text + "0", std::string(32, '\0')})
        CHECK_FALSE(seal.is_genuine(kMessage, other));
}

TEST_CASE("receipt seal: the first secret seals, and older ones are known", "[domain][receipt_seal]") {
    const auto before = sealed_with({"old"}), now = sealed_with({"new", "old"});
    CHECK(now.is_genuine(kMessage, before.of(kMessage)));
    CHECK(now.of(kMessage) == sealed_with({"new"}).of(kMessage));
    CHECK_FALSE(before.is_genuine(kMessage, now.of(kMessage)));
}

TEST_CASE("receipt seal: what was made before is not sealed", "[domain][receipt_seal]") {
    const auto made = uuid_time(kMessage.value);
    CHECK(ReceiptSeal({"secret"}, made).seals(kMessage));
    CHECK_FALSE(ReceiptSeal({"secret"}, made + std::chrono::milliseconds(1)).seals(kMessage));
}
