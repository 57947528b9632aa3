#include "smsbcast/app/receipt_watch.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using smsbcast::app::ReceiptWatch;
using WatchSign = ReceiptWatch::Sign;

namespace {

const ReceiptWatch::TimePoint kWatchStart{};
constexpr ReceiptSigns kFew{999, false}, kMany{1000, false}, kAny{0, true};

} // namespace

TEST_CASE("receipt watch: many without a receipt are told at the second look, once", "[app]") {
    ReceiptWatch watch;
    CHECK(watch.saw(kMany, kWatchStart) == WatchSign::none);
    CHECK(watch.saw(kMany, kWatchStart) == WatchSign::missing);
    CHECK(watch.saw(kMany, kWatchStart) == WatchSign::none);
    CHECK(watch.saw(kFew, kWatchStart) == WatchSign::none);
    CHECK(watch.saw(kMany, kWatchStart) == WatchSign::none);
    CHECK(watch.saw(kMany, kWatchStart) == WatchSign::none);
}

TEST_CASE("receipt watch: the two looks are in a row", "[app]") {
    ReceiptWatch watch;
    CHECK(watch.saw(kFew, kWatchStart) == WatchSign::none);
    CHECK(watch.saw(kMany, kWatchStart) == WatchSign::none);
    CHECK(watch.saw(kFew, kWatchStart) == WatchSign::none);
    CHECK(watch.saw(kMany, kWatchStart) == WatchSign::none);
    CHECK(watch.saw(kMany, kWatchStart) == WatchSign::missing);
}

TEST_CASE("receipt watch: the first receipt ends it, and is told when its lack was", "[app]") {
    ReceiptWatch quiet;
    CHECK(quiet.saw(kMany, kWatchStart) == WatchSign::none);
    CHECK(quiet.saw(kAny, kWatchStart) == WatchSign::none);
    CHECK_FALSE(quiet.due(kWatchStart + std::chrono::hours(1)));

    ReceiptWatch watch;
    watch.saw(kMany, kWatchStart);
    CHECK(watch.saw(kMany, kWatchStart) == WatchSign::missing);
    CHECK(watch.due(kWatchStart + std::chrono::hours(1)));
    CHECK(watch.saw(kAny, kWatchStart) == WatchSign::arrived);
    CHECK_FALSE(watch.due(kWatchStart + std::chrono::hours(1)));
}

TEST_CASE("receipt watch: it looks at once and then once an interval, failed looks too", "[app]") {
    ReceiptWatch watch;
    CHECK(watch.due(kWatchStart));
    watch.saw(kFew, kWatchStart);
    CHECK_FALSE(watch.due(kWatchStart + ReceiptWatch::kInterval - std::chrono::milliseconds(1)));
    CHECK(watch.due(kWatchStart + ReceiptWatch::kInterval));
    watch.missed(kWatchStart + ReceiptWatch::kInterval);
    CHECK_FALSE(watch.due(kWatchStart + ReceiptWatch::kInterval));
    CHECK(watch.due(kWatchStart + 2 * ReceiptWatch::kInterval));
}
