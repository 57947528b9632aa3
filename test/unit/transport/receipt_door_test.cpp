#include "smsbcast/transport/receipt_door.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace smsbcast;
using namespace std::chrono_literals;
using transport::ReceiptDoor;
using Verdict = ReceiptDoor::Verdict;

namespace {

const MessageId kSealed{*parse_uuid("0192f0c4-7b8a-7c3d-8e1f-0123456789ab")};
const MessageId kOlder{*parse_uuid("0192f0c4-7b89-7c3d-8e1f-0123456789ab")};
const Timestamp kSince = uuid_time(kSealed.value);

ReceiptDoor door(transport::ReceiptDoorOptions options = {}) {
    ReceiptDoor made(std::move(options));
    made.open(ReceiptSeal({"secret"}, kSince));
    return made;
}

Verdict judge(const ReceiptDoor& by, std::string_view query, Timestamp now = kSince + 1h,
              std::vector<http::Header> headers = {}) {
    http::Request request;
    request.query = query;
    request.headers = headers;
    return by.judge(request, now);
}

std::string sealed_query() {
    return "message_id=" + to_string(kSealed) + "&sig=" + ReceiptSeal({"secret"}, kSince).of(kSealed);
}

} // namespace

TEST_CASE("receipt door: the address that came with the message lets in", "[transport][receipt_door]") {
    const auto closed = door();
    CHECK(judge(closed, sealed_query()) == Verdict::in);
    CHECK(judge(closed, "token=x&" + sealed_query() + "&more=y") == Verdict::in);
}

TEST_CASE("receipt door: who invents an address stays outside", "[transport][receipt_door]") {
    const auto closed = door();
    const auto seal = ReceiptSeal({"secret"}, kSince).of(kSealed);
    CHECK(judge(closed, "") == Verdict::without_seal);
    CHECK(judge(closed, "message_id=" + to_string(kSealed)) == Verdict::without_seal);
    CHECK(judge(closed, "sig=" + seal) == Verdict::wrong_seal);
    CHECK(judge(closed, "message_id=nonsense&sig=" + seal) == Verdict::wrong_seal);
    CHECK(judge(closed, "message_id=" + to_string(kOlder) + "&sig=" + seal) == Verdict::wrong_seal);
    CHECK(judge(closed, "message_id=" + to_string(kSealed) + "&sig=") == Verdict::wrong_seal);
    CHECK(judge(closed, "message_id=" + to_string(kOlder) + "&" + sealed_query()) == Verdict::wrong_seal);
}

TEST_CASE("receipt door: messages of an older release get their receipts", "[transport][receipt_door]") {
    const auto closed = door();
    CHECK(judge(closed, "message_id=" + to_string(kOlder)) == Verdict::in_for_its_message);
    CHECK(judge(closed, "message_id=" + to_string(kOlder), kSince + ReceiptSeal::kUnsealedFor) ==
          Verdict::without_seal);
    CHECK(judge(closed, "", kSince - 1s) == Verdict::in);
    CHECK(judge(closed, "message_id=" + to_string(kSealed) + "&sig=0", kSince - 1s) == Verdict::wrong_seal);
}

TEST_CASE("receipt door: an id that anybody can invent finds its own message alone", "[transport][receipt_door]") {
    const auto closed = door();
    const auto alone = [&](std::string_view query, Timestamp now) {
        http::Request request;
        request.query = query;
        return closed.is_for_its_message_only(request, now);
    };
    const auto older = "message_id=" + to_string(kOlder);
    const auto end = kSince + ReceiptSeal::kUnsealedFor;
    CHECK(alone(older, kSince));
    CHECK(alone(older, end - 1s));
    CHECK(alone(older, end)); // it was let in a moment ago
    CHECK_FALSE(alone(older, kSince - 1s));
    CHECK_FALSE(alone(sealed_query(), kSince));
    CHECK_FALSE(alone(sealed_query(), end));
}

TEST_CASE("receipt door: a token lets in what has no seal", "[transport][receipt_door]") {
    const auto with = door({.token = "a token of the tests"});
    using Headers = std::vector<http::Header>;
    CHECK(judge(with, "", kSince + 1h, Headers{{"Authorization", "Bearer a token of the tests"}}) == Verdict::in);
    CHECK(judge(with, "", kSince + 1h, Headers{{"X-Webhook-Token", "a token of the tests"}}) == Verdict::in);
    for (const auto* value : {"", "Bearer", "Bearer ", "Bearer a token of the test", "a token of the tests", "Basic x"})
        CHECK(judge(with, "", kSince + 1h, Headers{{"Authorization", value}}) == Verdict::without_seal);
    CHECK(judge(door(), "", kSince + 1h, Headers{{"Authorization", "Bearer "}}) == Verdict::without_seal);
    CHECK(judge(with, sealed_query()) == Verdict::in);
}

TEST_CASE("receipt door: it can be told to let everybody in", "[transport][receipt_door]") {
    const auto open = door({.unsigned_too = true});
    CHECK(judge(open, "") == Verdict::in);
    CHECK(judge(open, "message_id=x&sig=y") == Verdict::in);
}

TEST_CASE("receipt door: before it was opened nobody is let in", "[transport][receipt_door]") {
    const ReceiptDoor unopened({});
    CHECK(judge(unopened, sealed_query()) == Verdict::without_seal);
}
