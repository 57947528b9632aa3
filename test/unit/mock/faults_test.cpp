#include "mock/fault_dice.hpp"
#include "mock/fault_settings.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <map>

using namespace smsbcast;
using namespace smsbcast::mock;
using namespace std::chrono_literals;

namespace {

/// Gives these draws in turn, and then the last one for ever.
std::function<double()> draws(std::deque<double> values) {
    return [values = std::move(values)]() mutable {
        const auto value = values.front();
        if (values.size() > 1)
            values.pop_front();
        return value;
    };
}

MockFaults changed(const std::string& body, const MockFaults& from = {}) {
    const auto result = change_faults(from, body);
    REQUIRE(std::holds_alternative<MockFaults>(result));
    return std::get<MockFaults>(result);
}

} // namespace

TEST_CASE("Each mishap gets its share of the draw", "[mock][faults]") {
    MockFaults faults;
    faults.throttle_rate = 0.1;
    faults.error_rate = 0.2;
    faults.reset_before_rate = 0.05;
    faults.reset_after_rate = 0.05;
    faults.hang_rate = 0.1;
    faults.truncate_rate = 0.25;
    std::map<Mishap, int> counts;
    for (int i = 0; i < 1000; ++i)
        ++counts[FaultDice(draws({(i + 0.5) / 1000})).request(faults).mishap];
    CHECK(counts == std::map<Mishap, int>{{Mishap::throttle, 100},
                                          {Mishap::error, 200},
                                          {Mishap::reset_before, 50},
                                          {Mishap::reset_after, 50},
                                          {Mishap::hang, 100},
                                          {Mishap::truncate, 250},
                                          {Mishap::none, 250}});
}

TEST_CASE("Refused is every number that the divisor divides, and no other", "[mock][faults]") {
    const auto refused = [](const MockFaults& faults, std::uint64_t digits) {
        return is_refused(faults, smsbcast::PhoneNumber::from_digits(digits));
    };
    CHECK_FALSE(refused({}, 66812345600));
    const auto faults = changed(R"({"refuse_every":100,"refuse_status":404})");
    CHECK(faults.refuse_status == 404);
    CHECK(refused(faults, 66812345600));
    CHECK_FALSE(refused(faults, 66812345601));
    CHECK_FALSE(RequestPlan{.mishap = Mishap::refuse}.accepts());
    CHECK_FALSE(RequestPlan{.mishap = Mishap::refuse}.leaves_uncertain(500));
}

TEST_CASE("Without faults nothing happens, whatever the dice say", "[mock][faults]") {
    for (const double draw : {0.0, 0.5, 0.999999}) {
        const FaultDice dice(draws({draw}));
        CHECK(dice.request({}).mishap == Mishap::none);
        CHECK(dice.request({}).latency == 0ms);
        const auto receipt = dice.receipt({});
        CHECK_FALSE((receipt.lost || receipt.failed || receipt.first || receipt.doubled));
        CHECK(receipt.delay == 500ms);
    }
}

TEST_CASE("A rate of 1 always happens", "[mock][faults]") {
    MockFaults faults;
    faults.hang_rate = 1;
    faults.receipt_lost_rate = faults.receipt_failed_rate = faults.receipt_first_rate = 1;
    faults.receipt_double_rate = faults.receipt_shuffle_rate = 1;
    const FaultDice dice(draws({0.999999}));
    CHECK(dice.request(faults).mishap == Mishap::hang);
    const auto receipt = dice.receipt(faults);
    CHECK((receipt.lost && receipt.failed && receipt.first && receipt.doubled));
    CHECK(receipt.delay == 2500ms);
    CHECK(receipt.second_delay == 3500ms);
}

TEST_CASE("Jitter comes on top of the latency", "[mock][faults]") {
    MockFaults faults;
    faults.latency = 10ms;
    faults.jitter = 20ms;
    CHECK(FaultDice(draws({0.0})).request(faults).latency == 10ms);
    CHECK(FaultDice(draws({0.5})).request(faults).latency == 20ms);
    CHECK(FaultDice(draws({0.999999})).request(faults).latency == 30ms);
}

TEST_CASE("What accepts a message", "[mock][faults]") {
    const auto accepts = [](Mishap mishap) { return RequestPlan{mishap, 0ms}.accepts(); };
    CHECK(accepts(Mishap::none));
    CHECK(accepts(Mishap::hang));
    CHECK(accepts(Mishap::truncate));
    CHECK(accepts(Mishap::reset_after));
    CHECK_FALSE(accepts(Mishap::reset_before));
    CHECK_FALSE(accepts(Mishap::error));
    CHECK_FALSE(accepts(Mishap::throttle));
}

TEST_CASE("Faults are changed one by one, and written as they are read", "[mock][faults]") {
    auto faults = changed(R"({"latency_ms":5,"error_rate":0.25,"error_status":503,"receipt_echo":"provider_id"})");
    CHECK(faults.latency == 5ms);
    CHECK(faults.error_rate == 0.25);
    CHECK(faults.error_status == 503);
    CHECK(faults.receipt_echo == ReceiptEcho::provider_id);
    CHECK(faults.receipt_delay == 500ms);
    faults = changed(R"({"hang_rate":1,"error_rate":0,"retry_after_s":0})", faults);
    CHECK(faults.latency == 5ms);
    CHECK(faults.hang_rate == 1);
    CHECK(faults.retry_after == 0s);
    CHECK(changed(to_json(faults)) == faults);
    CHECK(changed("{}", faults) == faults);
    CHECK(
        to_json({}) ==
        R"({"latency_ms":0,"jitter_ms":0,"throttle_rate":0,"retry_after_s":1,"error_rate":0,"error_status":500,)"
        R"("reset_before_rate":0,"reset_after_rate":0,"hang_rate":0,"truncate_rate":0,"ignore_keys_rate":0,"refuse_every":0,)"
        R"("refuse_status":403,)"
        R"("receipt_delay_ms":500,"receipt_first_rate":0,"receipt_double_rate":0,"receipt_shuffle_rate":0,"receipt_lost_rate":0,)"
        R"("receipt_failed_rate":0,"receipt_echo":"message_id"})");
}

TEST_CASE("A fault that is unknown or out of its bounds is named", "[mock][faults]") {
    const auto [body, field] = GENERATE(table<std::string, std::string>({
        {R"({"latency":1})", "latency"},
        {R"({"latency_ms":-1})", "latency_ms"},
        {R"({"latency_ms":1.5})", "latency_ms"},
        {R"({"latency_ms":60001})", "latency_ms"},
        {R"({"latency_ms":99999999999999999999})", "latency_ms"},
        {R"({"error_rate":1.01})", "error_rate"},
        {R"({"error_rate":"0.5"})", "error_rate"},
        {R"({"error_rate":null})", "error_rate"},
        {R"({"error_status":200})", "error_status"},
        {R"({"receipt_echo":"both"})", "receipt_echo"},
        {R"({"receipt_echo":1})", "receipt_echo"},
        {R"({"hang_rate":0.6,"error_rate":0.6})", "throttle_rate"},
    }));
    CAPTURE(body);
    const auto result = change_faults({}, body);
    REQUIRE(std::holds_alternative<http::Problem>(result));
    const auto& problem = std::get<http::Problem>(result);
    CHECK(problem.status == 422);
    REQUIRE(problem.errors.size() == 1);
    CHECK(problem.errors[0].field == field);
}

TEST_CASE("Faults that are no JSON object are a bad request", "[mock][faults]") {
    const auto body = GENERATE("", "{", "[]", "1", "null");
    const auto result = change_faults({}, body);
    REQUIRE(std::holds_alternative<http::Problem>(result));
    CHECK(std::get<http::Problem>(result).status == 400);
}
