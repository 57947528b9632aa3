#pragma once

#include <cstdint>

namespace smsbcast::runtime {

/// Lets this process open as many files as the system allows it: the soft limit becomes the hard
/// one. Returns the limit that then holds. Call it once, at the start.
std::uint64_t raise_descriptor_limit();

} // namespace smsbcast::runtime
