#include "smsbcast/app/receipt_watch.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using smsbcast::app::ReceiptWatch;
using Sign = ReceiptWatch::Sign;

namespace {

const ReceiptWatch::TimePoint kStart{};
constexpr ReceiptSigns kFew{999, false}, kMany{1000, false}, kAny{0, true};

} // namespace

TEST_CASE("receipt watch: many without a receipt are told at the second look, once", "[app]") {
    ReceiptWatch watch;
    CHECK(watch.saw(kMany, kStart) == Sign::none);
    CHECK(watch.saw(kMany, kStart) == Sign::missing);
    CHECK(watch.saw(kMany, kStart) == Sign::none);
    CHECK(watch.saw(kFew, kStart) == Sign::none);
    CHECK(watch.saw(kMany, kStart) == Sign::none);
    CHECK(watch.saw(kMany, kStart) == Sign::none);
}

TEST_CASE("receipt watch: the two looks are in a row", "[app]") {
    ReceiptWatch watch;
    CHECK(watch.saw(kFew, kStart) == Sign::none);
    CHECK(watch.saw(kMany, kStart) == Sign::none);
    CHECK(watch.saw(kFew, kStart) == Sign::none);
    CHECK(watch.saw(kMany, kStart) == Sign::none);
    CHECK(watch.saw(kMany, kStart) == Sign::missing);
}

TEST_CASE("receipt watch: the first receipt ends it, and is told when its lack was", "[app]") {
    ReceiptWatch quiet;
    CHECK(quiet.saw(kMany, kStart) == Sign::none);
    CHECK(quiet.saw(kAny, kStart) == Sign::none);
    CHECK_FALSE(quiet.due(kStart + std::chrono::hours(1)));

    ReceiptWatch watch;
    watch.saw(kMany, kStart);
    CHECK(watch.saw(kMany, kStart) == Sign::missing);
    CHECK(watch.due(kStart + std::chrono::hours(1)));
    CHECK(watch.saw(kAny, kStart) == Sign::arrived);
    CHECK_FALSE(watch.due(kStart + std::chrono::hours(1)));
}

TEST_CASE("receipt watch: it looks at once and then once an interval, failed looks too", "[app]") {
    ReceiptWatch watch;
    CHECK(watch.due(kStart));
    watch.saw(kFew, kStart);
    CHECK_FALSE(watch.due(kStart + ReceiptWatch::kInterval - std::chrono::milliseconds(1)));
    CHECK(watch.due(kStart + ReceiptWatch::kInterval));
    watch.missed(kStart + ReceiptWatch::kInterval);
    CHECK_FALSE(watch.due(kStart + ReceiptWatch::kInterval));
    CHECK(watch.due(kStart + 2 * ReceiptWatch::kInterval));
}
