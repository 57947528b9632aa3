#include "smsbcast/http/problem.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::http;

TEST_CASE("a problem is RFC 9457 with code, request id and field errors", "[transport]") {
    const Problem problem{422,
                          "invalid_broadcast",
                          "No.",
                          {{"recipients", 7, "too_short", "is \"short\""}, {"x", {}, "y", "z"}},
                          std::chrono::seconds(3)};
    const auto response = to_response(problem, "id-1");
    CHECK(response.status == 422);
    CHECK(response.content_type == "application/problem+json");
    CHECK(response.headers.front() == std::pair<std::string, std::string>("Retry-After", "3"));
    CHECK(boost::json::parse(response.body) == boost::json::parse(R"({"type":"about:blank",
        "title":"Unprocessable Entity","status":422,"code":"invalid_broadcast","detail":"No.","request_id":"id-1",
        "errors":[{"field":"recipients","index":7,"code":"too_short","message":"is \"short\""},
                  {"field":"x","index":null,"code":"y","message":"z"}]})"));
}

TEST_CASE("errors of the inside become statuses, and a 5xx says nothing more", "[transport]") {
    const auto status = [](Errc code) { return to_problem(code).status; };
    CHECK(status(Errc::forbidden) == 403);
    CHECK(status(Errc::not_found) == 404);
    CHECK(status(Errc::conflict) == 409);
    CHECK(status(Errc::invalid) == 422);
    CHECK(status(Errc::refused) == 422);
    CHECK(status(Errc::internal) == 500);
    for (const auto code :
         {Errc::timeout, Errc::unavailable, Errc::overloaded, Errc::uncertain, Errc::retry, Errc::stopping}) {
        const auto problem = to_problem(code);
        CHECK(problem.status == 503);
        CHECK(problem.retry_after);
        CHECK(problem.detail.empty());
    }
    const auto foreign = to_problem(make_error_code(boost::system::errc::connection_refused));
    CHECK(foreign.status == 500);
    CHECK(foreign.detail.empty());
}

TEST_CASE("a failure of ours says why, for the log alone", "[transport]") {
    for (const auto code : {Errc::timeout, Errc::unavailable, Errc::uncertain, Errc::retry, Errc::overloaded,
                            Errc::stopping, Errc::internal, Errc::stalled}) {
        const auto error = make_error_code(code);
        const auto response = to_response(to_problem(error), "id-1");
        REQUIRE(response.trouble);
        CHECK(response.trouble->reason == error.message());
        CHECK(response.body.find("reason") == std::string::npos);
        CHECK(response.trouble->defect == (response.status == 500));
        CHECK(response.trouble->overload == (code == Errc::overloaded));
    }
    for (const auto code : {Errc::forbidden, Errc::not_found, Errc::conflict, Errc::invalid, Errc::refused})
        CHECK_FALSE(to_problem(code).trouble);
}
