#include "transport/credentials.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace smsbcast;
using transport::CredentialsError;
using transport::read_credentials;

namespace {

std::variant<KeyToken, CredentialsError> read(const std::vector<http::Header>& headers) {
    return read_credentials(headers);
}

CredentialsError error_of(const std::vector<http::Header>& headers) {
    const auto found = read(headers);
    REQUIRE(std::holds_alternative<CredentialsError>(found));
    return std::get<CredentialsError>(found);
}

} // namespace

TEST_CASE("credentials: the key of the head, whatever the case of its names", "[transport][keys]") {
    const auto token = new_key_token();
    const auto text = to_string(token);
    for (const auto* name : {"Authorization", "authorization", "AUTHORIZATION"})
        for (const auto* scheme : {"Bearer ", "bearer ", "BEARER ", "Bearer   "}) {
            const auto value = scheme + text;
            const auto found = read({{"Host", "x"}, {name, value}, {"Accept", "*/*"}});
            REQUIRE(std::holds_alternative<KeyToken>(found));
            CHECK(std::get<KeyToken>(found) == token);
        }
}

TEST_CASE("credentials: what is no key, and why", "[transport][keys]") {
    const auto text = to_string(new_key_token());
    const auto bearer = "Bearer " + text;
    CHECK(error_of({}) == CredentialsError::missing);
    CHECK(error_of({{"X-Api-Key", bearer}, {"Authorization2", bearer}}) == CredentialsError::missing);
    CHECK(error_of({{"Authorization", bearer}, {"authorization", bearer}}) == CredentialsError::several);
    for (const auto& value : {std::string(), std::string("Bearer"), std::string("Bearer "), text, "Basic " + text,
                              "Bearer: " + text, bearer + ",", bearer + " x", "Bearer\t" + text})
        CHECK(error_of({{"Authorization", value}}) == CredentialsError::not_a_key);
    auto mistyped = bearer;
    mistyped.back() = mistyped.back() == '0' ? '1' : '0';
    CHECK(error_of({{"Authorization", mistyped}}) == CredentialsError::mistyped);
}
