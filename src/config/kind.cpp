#include "smsbcast/base/overload.hpp"
#include "smsbcast/config/value.hpp"
#include "units.hpp"
#include "url.hpp"

#include <fmt/format.h>

namespace smsbcast::config {
namespace {

std::string to_text(std::uint64_t number, std::span<const Unit> units) {
    Unit best = units.front();
    for (const Unit& unit : units)
        if (number != 0 && number % unit.factor == 0)
            best = unit;
    return std::to_string(number / best.factor).append(best.name);
}

std::string listed(std::span<const std::string_view> words) {
    std::string result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view before = i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
        result.append(before).append(words[i]);
    }
    return result;
}

} // namespace

std::string accepted_text(const Kind& kind) {
    return std::visit(
        Overload{
            [](const kind::Address&) { return std::string{":PORT, HOST:PORT or [IPV6]:PORT"}; },
            [](const kind::Url& url) { return std::string{accepted_url_text(url.use)}; },
            [](const kind::Duration& it) { return to_string(it.min) + " to " + to_string(it.max); },
            [](const kind::Integer& it) { return fmt::format("{} to {}", it.min, it.max); },
            [](const kind::Size& it) { return to_text(it.min, kSizes) + " to " + to_text(it.max, kSizes); },
            [](const kind::Boolean&) { return std::string{"true or false"}; },
            [](const kind::Words& it) { return listed(it.words); },
            [](const kind::Ratio&) { return std::string{"0 to 1"}; },
            [](const kind::Path&) { return std::string{"the path of a file"}; },
            [](const kind::Schema&) { return std::string{"1 to 50 of a-z, 0-9 and _, a letter first, no pg_"}; },
            [](const kind::Prefix&) { return std::string{"auto, or 1 to 200 of a-z, A-Z, 0-9, ., _ and -"}; },
            [](const kind::Secrets& it) {
                return it.most == 1
                           ? fmt::format("none, or a text of at least {} characters", it.min_length)
                           : fmt::format("none, or 1 to {} texts of at least {} characters with commas between",
                                         it.most, it.min_length);
            },
        },
        kind);
}

std::string_view unit_text(const Kind& kind) noexcept {
    if (const auto* integer = std::get_if<kind::Integer>(&kind))
        return integer->unit;
    return {};
}

std::string_view placeholder(const Kind& kind) noexcept {
    constexpr std::array<std::string_view, std::variant_size_v<Kind>> kNames{
        "ADDRESS", "URL", "DURATION", "NUMBER", "SIZE", "BOOL", "WORD", "RATIO", "FILE", "NAME", "PREFIX", "SECRET"};
    return kNames[kind.index()];
}

std::string to_string(std::chrono::milliseconds duration) {
    return to_text(static_cast<std::uint64_t>(duration.count()), kDurations);
}

} // namespace smsbcast::config
