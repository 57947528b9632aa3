#include "smsbcast/base/random.hpp"

#include <random>

namespace smsbcast {

std::uint64_t random_bits() {
    thread_local std::mt19937_64 generator = [] {
        std::random_device entropy;
        std::seed_seq seed{entropy(), entropy(), entropy(), entropy(), entropy(), entropy(), entropy(), entropy()};
        return std::mt19937_64(seed);
    }();
    return generator();
}

double random_fraction() {
    return static_cast<double>(random_bits() >> 11) * 0x1.0p-53;
}

} // namespace smsbcast
