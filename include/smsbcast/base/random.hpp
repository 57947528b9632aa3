#pragma once

#include <cstdint>

namespace smsbcast {

/// 64 bits from a generator of the calling thread that the system's entropy seeds. Good for ids and jitter, not for
/// keys.
std::uint64_t random_bits();

/// Uniform in [0, 1), from the same generator.
double random_fraction();

} // namespace smsbcast
