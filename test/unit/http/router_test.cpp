#include "http/server/router.hpp"
#include "smsbcast/http/percent.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast::http;
using Outcome = Router::Outcome;

namespace {

Router make_router() {
    std::vector<Route> routes;
    for (const auto& [method, path] : std::vector<std::pair<std::string_view, std::string_view>>{
             {"GET", "/"}, {"GET", "/a"}, {"POST", "/a"}, {"GET", "/a/{}"}, {"POST", "/a/{}/b/{}"}})
        routes.push_back({.method = method, .path = path});
    return Router(std::move(routes));
}

} // namespace

TEST_CASE("the router finds a route and what its braces matched", "[transport]") {
    const auto router = make_router();
    CHECK(router.match("GET", "/").route->path == "/");
    CHECK(router.match("GET", "/a").route->path == "/a");
    CHECK(router.match("POST", "/a").route->method == "POST");
    CHECK(router.match("GET", "/%61").route->path == "/a");
    CHECK(router.match("GET", "/a/x").arguments == std::vector<std::string>{"x"});
    CHECK(router.match("GET", "/a/x%2Fy%20z").arguments == std::vector<std::string>{"x/y z"});
    CHECK(router.match("POST", "/a/1/b/2").arguments == std::vector<std::string>{"1", "2"});
}

TEST_CASE("the router tells a wrong path from a wrong method", "[transport]") {
    const auto router = make_router();
    for (const auto* path : {"/b", "/a/", "/a/x/", "/a/x/b", "//a", "/A", "/a/x/c/y", "*"})
        CHECK(router.match("GET", path).outcome == Outcome::not_found);
    CHECK(router.match("DELETE", "/a").outcome == Outcome::wrong_method);
    CHECK(router.match("DELETE", "/a").allow == "GET, HEAD, POST");
    CHECK(router.match("POST", "/a/x").allow == "GET, HEAD");
    CHECK(router.match("HEAD", "/a/x").route->method == "GET");
    CHECK(router.match("get", "/a").outcome == Outcome::wrong_method);
    for (const auto* path : {"/a%", "/a%2", "/a%zz", "/a%00", "", "a"})
        CHECK(router.match("GET", path).outcome == Outcome::malformed);
}

TEST_CASE("percent-decoding takes whole sequences only", "[transport]") {
    CHECK(percent_decode("a%20b+c") == "a b+c");
    CHECK(percent_decode("a%20b+c", true) == "a b c");
    CHECK(percent_decode("%e0%B8%81") == "ก");
    CHECK_FALSE(percent_decode("%"));
    CHECK_FALSE(percent_decode("%+1"));
    CHECK_FALSE(percent_decode("%-1"));
    CHECK_FALSE(percent_decode("a%00"));
}
