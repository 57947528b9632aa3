#include "smsbcast/base/random.hpp"

#include <random>

namespace smsbcast {

std::uint64_t random_bits() {
    // One generator per thread needs no lock, and no two threads draw the same numbers, since each
    // is seeded by the system.
    thread_local std::mt19937_64 generator = [] {
        std::random_device entropy;
        std::seed_seq seed{entropy(), entropy(), entropy(), entropy(), entropy(), entropy(), entropy(), entropy()};
        return std::mt19937_64(seed);
    }();
    return generator();
}

double random_fraction() {
    // A double has 53 bits of mantissa. Using exactly those keeps the result below 1 and every
    // value equally likely.
    return static_cast<double>(random_bits() >> 11) * 0x1.0p-53;
}

} // namespace smsbcast
