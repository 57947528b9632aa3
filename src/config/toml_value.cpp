#include "toml_value.hpp"

#include "smsbcast/base/overload.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace smsbcast::config {

std::optional<std::string> text_of(const Kind& kind, const toml::node& node) {
    const auto string = node.value_exact<std::string>();
    const auto integer = node.value_exact<std::int64_t>();
    const auto real = node.value_exact<double>();
    const auto boolean = node.value_exact<bool>();
    const auto in_decimals = [](auto number) { return fmt::format("{}", number); };
    if (std::holds_alternative<kind::Boolean>(kind))
        return boolean ? std::optional{*boolean ? "true" : "false"} : std::nullopt;
    if (std::holds_alternative<kind::Integer>(kind))
        return integer ? std::optional{in_decimals(*integer)} : std::nullopt;
    if (std::holds_alternative<kind::Ratio>(kind) && real)
        return in_decimals(*real);
    if ((std::holds_alternative<kind::Ratio>(kind) || std::holds_alternative<kind::Size>(kind)) && integer)
        return in_decimals(*integer);
    return std::holds_alternative<kind::Ratio>(kind) ? std::nullopt : string;
}

std::string_view type_text(const Kind& kind) {
    return std::visit(Overload{
                          [](const kind::Boolean&) { return "true or false without quotes"; },
                          [](const kind::Integer&) { return "a whole number without quotes"; },
                          [](const kind::Ratio&) { return "a number without quotes"; },
                          [](const kind::Size&) { return "text in quotes or a whole number"; },
                          [](const auto&) { return "text in quotes"; },
                      },
                      kind);
}

} // namespace smsbcast::config
