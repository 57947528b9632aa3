#include "smsbcast/base/result.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace smsbcast;

TEST_CASE("an Errc is an error_code with a text of its own", "[base][error]") {
    std::set<std::string> texts;
    for (const auto code :
         {Errc::not_found, Errc::conflict, Errc::invalid, Errc::timeout, Errc::unavailable, Errc::overloaded,
          Errc::uncertain, Errc::retry, Errc::stopping, Errc::internal, Errc::blocked, Errc::refused, Errc::stalled})
        CHECK(texts.insert(make_error_code(code).message()).second);
}

TEST_CASE("what may succeed later is retryable", "[base][error]") {
    for (const auto code : {Errc::timeout, Errc::unavailable, Errc::overloaded, Errc::uncertain, Errc::retry})
        CHECK(is_retryable(code));
    for (const auto code :
         {Errc::not_found, Errc::conflict, Errc::invalid, Errc::stopping, Errc::refused, Errc::internal})
        CHECK_FALSE(is_retryable(code));
}

TEST_CASE("a Result holds a value or an Errc", "[base][error]") {
    const Result<int> good = 1, bad = Errc::timeout;
    CHECK(good.value() == 1);
    CHECK(bad.error() == Errc::timeout);
}
