#pragma once

#include "given.hpp"

#include <toml++/toml.h>

#include <string>

namespace smsbcast::config {

/// Reads what the file has under the list's name. An element with a mistake is no finding, its mistakes are, all of
/// them.
void read_list(const List& list, const toml::node& node, const std::string& file, Findings& findings);

} // namespace smsbcast::config
