#include "turns.hpp"

namespace smsbcast::http {

runtime::Awaitable<bool> Turns::take(Deadline deadline) {
    if (taken_ < most_) {
        ++taken_;
        co_return true;
    }
    ++waiting_;
    const bool given = co_await given_on_.wait(deadline);
    waiting_ -= given ? 0 : 1; // otherwise who gave it has counted
    co_return given;
}

void Turns::give_back() {
    if (waiting_ == 0) {
        --taken_;
        return;
    }
    --waiting_;
    given_on_.notify_one();
}

} // namespace smsbcast::http
