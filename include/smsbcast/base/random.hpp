#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace smsbcast {

/// Bytes of the kernel's generator (getrandom(2)), good for keys and secrets. Waits only while the machine starts and
/// has gathered no entropy yet.
void fill_random(std::span<std::byte> out);

/// 64 bits of the same generator, fetched some hundred bytes at a time for the calling thread, so that one costs a few
/// nanoseconds. Whoever knows any number of them knows nothing of the others.
std::uint64_t random_bits();

/// Uniform in [0, 1), from random_bits().
double random_fraction();

} // namespace smsbcast
