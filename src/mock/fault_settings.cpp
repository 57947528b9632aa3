#include "fault_settings.hpp"

#include "smsbcast/base/json_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace smsbcast::mock {

namespace {

namespace json = boost::json;

// Longer waits would outlive every client's deadline and only hold the mock's connections.
constexpr double kLongestWait = 60'000;
constexpr double kLongestReceiptDelay = 600'000;

// One table serves reading, writing and checking, so a fault that is added cannot be forgotten in
// one of the three. Values are doubles on the way, which hold every whole number of these ranges
// exactly.
struct Setting {
    std::string_view name;
    double least;
    double most;
    bool whole; ///< a whole number; otherwise a rate
    double (*get)(const MockFaults&);
    void (*set)(MockFaults&, double);
};

template <auto Member>
constexpr Setting rate(std::string_view name) {
    return {name,
            0,
            1,
            false,
            [](const MockFaults& faults) { return faults.*Member; },
            [](MockFaults& faults, double value) { faults.*Member = value; }};
}

template <auto Member>
constexpr Setting duration(std::string_view name, double most) {
    using Duration = std::remove_cvref_t<decltype(std::declval<MockFaults>().*Member)>;
    return {name,
            0,
            most,
            true,
            [](const MockFaults& faults) { return static_cast<double>((faults.*Member).count()); },
            [](MockFaults& faults, double value) { faults.*Member = Duration(static_cast<std::int64_t>(value)); }};
}

template <auto Member>
constexpr Setting whole(std::string_view name, double least, double most) {
    return {name,
            least,
            most,
            true,
            [](const MockFaults& faults) { return static_cast<double>(faults.*Member); },
            [](MockFaults& faults, double value) { faults.*Member = static_cast<int>(value); }};
}

// The order is that of the answer to GET /_mock/faults.
constexpr std::array kSettings{
    duration<&MockFaults::latency>("latency_ms", kLongestWait),
    duration<&MockFaults::jitter>("jitter_ms", kLongestWait),
    rate<&MockFaults::throttle_rate>("throttle_rate"),
    duration<&MockFaults::retry_after>("retry_after_s", 3600),
    rate<&MockFaults::error_rate>("error_rate"),
    whole<&MockFaults::error_status>("error_status", 400, 599),
    rate<&MockFaults::reset_before_rate>("reset_before_rate"),
    rate<&MockFaults::reset_after_rate>("reset_after_rate"),
    rate<&MockFaults::hang_rate>("hang_rate"),
    rate<&MockFaults::truncate_rate>("truncate_rate"),
    rate<&MockFaults::ignore_keys_rate>("ignore_keys_rate"),
    whole<&MockFaults::refuse_every>("refuse_every", 0, 1'000'000'000),
    whole<&MockFaults::refuse_status>("refuse_status", 400, 599),
    duration<&MockFaults::receipt_delay>("receipt_delay_ms", kLongestReceiptDelay),
    rate<&MockFaults::receipt_first_rate>("receipt_first_rate"),
    rate<&MockFaults::receipt_double_rate>("receipt_double_rate"),
    rate<&MockFaults::receipt_shuffle_rate>("receipt_shuffle_rate"),
    rate<&MockFaults::receipt_lost_rate>("receipt_lost_rate"),
    rate<&MockFaults::receipt_failed_rate>("receipt_failed_rate"),
};

// Boost.JSON keeps 1 and 1.0 apart, and a rate may be written either way.
std::optional<double> number_of(const json::value& value) {
    if (const auto* whole = value.if_int64())
        return static_cast<double>(*whole);
    if (const auto* fraction = value.if_double())
        return *fraction;
    return std::nullopt;
}

void change_number(MockFaults& faults, const Setting& setting, const json::value& value,
                   std::vector<http::FieldError>& errors) {
    const auto number = number_of(value);
    // A number with a fraction is refused where a whole one is meant: cutting it would hide a
    // mistake in a test.
    if (number && *number >= setting.least && *number <= setting.most && (!setting.whole || value.is_int64()))
        setting.set(faults, *number);
    else
        errors.push_back({std::string(setting.name),
                          {},
                          "invalid",
                          fmt::format("must be a {} from {} to {}", setting.whole ? "whole number" : "number",
                                      setting.least, setting.most)});
}

void change_echo(MockFaults& faults, const json::value& value, std::vector<http::FieldError>& errors) {
    const auto* text = value.if_string();
    if (text && *text == "message_id")
        faults.receipt_echo = ReceiptEcho::message_id;
    else if (text && *text == "provider_id")
        faults.receipt_echo = ReceiptEcho::provider_id;
    else
        errors.push_back({"receipt_echo", {}, "invalid", "must be \"message_id\" or \"provider_id\""});
}

void change_one(MockFaults& faults, std::string_view name, const json::value& value,
                std::vector<http::FieldError>& errors) {
    const auto setting = std::ranges::find(kSettings, name, &Setting::name);
    if (name == "receipt_echo")
        change_echo(faults, value, errors);
    else if (setting != kSettings.end())
        change_number(faults, *setting, value, errors);
    else
        // A misspelt fault that was ignored would make a test pass for the wrong reason.
        errors.push_back({std::string(name), {}, "unknown_field", "is not a fault of the mock"});
}

// These six exclude each other and share one draw, so their rates are shares of one whole. The
// tolerance is for sums such as 0.1 + 0.2.
bool fit_together(const MockFaults& faults) {
    const double sum = faults.throttle_rate + faults.error_rate + faults.reset_before_rate + faults.reset_after_rate +
                       faults.hang_rate + faults.truncate_rate;
    return sum <= 1 + 1e-9;
}

} // namespace

std::string to_json(const MockFaults& faults) {
    std::string out;
    {
        JsonObject object(out);
        for (const auto& setting : kSettings)
            fmt::format_to(std::back_inserter(object.begin(setting.name)), "{}", setting.get(faults));
        object.add("receipt_echo", faults.receipt_echo == ReceiptEcho::message_id ? "message_id" : "provider_id");
    }
    return out;
}

std::variant<MockFaults, http::Problem> change_faults(const MockFaults& faults, std::string_view body) {
    boost::system::error_code error;
    const auto document = json::parse({body.data(), body.size()}, error);
    if (error || !document.is_object())
        return http::Problem{400, "malformed_json", "The body must be a JSON object.", {}, {}};
    // A copy is changed, so a request with one bad member changes nothing at all.
    auto changed = faults;
    std::vector<http::FieldError> errors;
    for (const auto& [name, value] : document.get_object())
        change_one(changed, {name.data(), name.size()}, value, errors);
    if (errors.empty() && !fit_together(changed))
        errors.push_back({"throttle_rate",
                          {},
                          "out_of_range",
                          "the rates of throttle, error, reset, hang and truncate must add up to 1 at most"});
    if (!errors.empty())
        return http::Problem{422, "invalid_faults", "The faults are as they were.", std::move(errors), {}};
    return changed;
}

} // namespace smsbcast::mock
