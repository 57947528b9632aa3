#include "smsbcast/base/random.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace smsbcast {

void fill_random(std::span<std::byte> out) {
    while (!out.empty()) {
        const auto got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "the kernel gives no random bytes");
        if (got > 0)
            out = out.subspan(static_cast<std::size_t>(got));
    }
}

std::uint64_t random_bits() {
    // A call of the kernel takes a quarter of a microsecond, of which most is the call.
    thread_local std::array<std::uint64_t, 64> fetched;
    thread_local std::size_t used = fetched.size();
    if (used == fetched.size()) {
        fill_random(std::as_writable_bytes(std::span(fetched)));
        used = 0;
    }
    // What was given away is kept nowhere, so that a look into the memory finds no id that is in use.
    return std::exchange(fetched[used++], 0);
}

double random_fraction() {
    // A double has 53 bits of mantissa. Using exactly those keeps the result below 1 and every
    // value equally likely.
    return static_cast<double>(random_bits() >> 11) * 0x1.0p-53;
}

} // namespace smsbcast
