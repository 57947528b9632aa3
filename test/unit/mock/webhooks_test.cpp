#include "mock/webhooks.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::mock;

namespace {

const MessageId kA{*parse_uuid("0192f0c4-7b8a-7c3d-8e1f-0123456789ab")};
const MessageId kB{*parse_uuid("0192f0c4-7b8a-7c3d-8e1f-0123456789ac")};

Webhooks::Ref use(Webhooks& webhooks, const std::string& url, const MessageId& message = kA) {
    const auto used = webhooks.use(url, message);
    REQUIRE(std::holds_alternative<Webhooks::Ref>(used));
    return std::get<Webhooks::Ref>(used);
}

std::string with_id(const MessageId& message) {
    return "http://h:8081/dlr?message_id=" + to_string(message);
}

} // namespace

TEST_CASE("Addresses that differ in the message's id alone are one", "[mock]") {
    Webhooks webhooks;
    const auto ref = use(webhooks, with_id(kA), kA);
    CHECK(use(webhooks, with_id(kB), kB) == ref);
    CHECK(webhooks.target(ref, kB, true) == "/dlr?message_id=" + to_string(kB));
    CHECK(webhooks.target(ref, kB, false) == "/dlr");
    CHECK(webhooks.origin(webhooks.origin_of(ref)).host == "h");
    CHECK(webhooks.origin(webhooks.origin_of(ref)).port == 8081);
}

TEST_CASE("An address keeps whatever else it has", "[mock]") {
    Webhooks webhooks;
    const auto plain = use(webhooks, "http://u:p@h/a/" + to_string(kA) + "/b?x=" + to_string(kA) + "&y=%20");
    CHECK(webhooks.target(plain, kB, true) == "/a/" + to_string(kB) + "/b?x=" + to_string(kB) + "&y=%20");
    CHECK(webhooks.authorization(plain) == "Basic dTpw");
    const auto in_host = use(webhooks, "http://" + to_string(kA) + ".example/");
    CHECK(webhooks.origin(webhooks.origin_of(in_host)).host == to_string(kA) + ".example");
    const auto bare = use(webhooks, "http://h");
    CHECK(webhooks.target(bare, kA, true) == "/");
    CHECK(webhooks.target(bare, kA, false) == "/");
}

TEST_CASE("What no receipt can be posted to is refused", "[mock]") {
    Webhooks webhooks;
    const auto url = GENERATE("", "h/dlr", "https://h/dlr", "ftp://h/", "http:///x", "http://h/a b");
    const auto used = webhooks.use(url, kA);
    REQUIRE(std::holds_alternative<Webhooks::Refusal>(used));
    CHECK(std::get<Webhooks::Refusal>(used) == Webhooks::Refusal::not_http);
}

TEST_CASE("Addresses make room once no receipt waits for them", "[mock]") {
    Webhooks webhooks;
    const auto url = [](std::size_t number) { return "http://h/" + std::to_string(number); };
    std::vector<Webhooks::Ref> refs;
    for (std::size_t i = 0; i < Webhooks::kMaxAddresses; ++i)
        refs.push_back(use(webhooks, url(i)));
    CHECK(std::get<Webhooks::Refusal>(webhooks.use("http://h/more", kA)) == Webhooks::Refusal::too_many);
    CHECK(use(webhooks, url(7)) == refs[7]);
    webhooks.done(refs[7]);
    CHECK(std::get<Webhooks::Refusal>(webhooks.use("http://h/more", kA)) == Webhooks::Refusal::too_many);
    webhooks.done(refs[7]);
    CHECK(use(webhooks, "http://h/more") == refs[7]);
    CHECK(webhooks.target(refs[7], kA, true) == "/more");
    CHECK(std::get<Webhooks::Refusal>(webhooks.use(url(7), kA)) == Webhooks::Refusal::too_many);
}

TEST_CASE("The number of origins is bounded", "[mock]") {
    Webhooks webhooks;
    for (std::size_t i = 0; i < Webhooks::kMaxOrigins; ++i)
        webhooks.done(use(webhooks, "http://h:" + std::to_string(8000 + i)));
    CHECK(std::get<Webhooks::Refusal>(webhooks.use("http://other", kA)) == Webhooks::Refusal::too_many);
}
