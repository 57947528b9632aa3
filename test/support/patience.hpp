#pragma once

#include <chrono>

namespace smsbcast::test {

/// How long a test waits for what comes at once on a quiet machine. It is there to end what hangs, and must not fail a
/// test because the machine has other work.
inline constexpr std::chrono::seconds kPatience{180};

} // namespace smsbcast::test
