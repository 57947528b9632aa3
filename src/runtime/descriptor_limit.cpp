#include "smsbcast/runtime/descriptor_limit.hpp"

#include <sys/resource.h>

namespace smsbcast::runtime {

std::uint64_t raise_descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const auto before = limit.rlim_cur;
    // The soft limit is 1024 on most systems, for programs that use select(2). Each connection of a
    // provider or of a client is a descriptor here, so the hard limit is what counts.
    limit.rlim_cur = limit.rlim_max;
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

} // namespace smsbcast::runtime
