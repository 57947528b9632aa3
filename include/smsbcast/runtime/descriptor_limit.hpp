#pragma once

#include <cstdint>

namespace smsbcast::runtime {

/// Lets this process open as many files as the system allows it: the soft limit becomes the hard one. Returns how many
/// that are.
std::uint64_t raise_descriptor_limit();

} // namespace smsbcast::runtime
