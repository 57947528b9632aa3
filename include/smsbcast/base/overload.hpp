#pragma once

namespace smsbcast {

/// One visitor out of several lambdas.
template <class... Functions>
struct Overload : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
Overload(Functions...) -> Overload<Functions...>;

} // namespace smsbcast
