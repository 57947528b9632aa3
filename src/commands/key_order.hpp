#pragma once

#include "smsbcast/app/manage_keys.hpp"
#include "smsbcast/commands/commands.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace smsbcast::commands {

/// The key that a command line asks for, or a line for each mistake. Its end is a time by RFC 3339, or how long from
/// now.
std::variant<app::KeyRequest, std::vector<std::string>> read_order(const KeyOrder& order, Timestamp now);

/// How long the old key goes on, or what is wrong with the text.
std::variant<std::chrono::milliseconds, std::string> read_overlap(const std::optional<std::string>& text);

/// The prefix that the text is, or that the key in it has.
std::string prefix_in(const std::string& text);

/// The key as a line of `smsbcast key list`.
std::string line_of(const ApiKey& key, Timestamp now);

} // namespace smsbcast::commands
