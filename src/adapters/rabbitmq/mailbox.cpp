#include "mailbox.hpp"

#include <utility>

namespace smsbcast::adapters::rabbitmq {

bool Mailbox::post(Command command) {
    const std::lock_guard lock(mutex_);
    // The shard must not wait for the thread, which may hang in a library call; the caller answers
    // "overloaded" instead.
    if (commands_.size() >= limit_)
        return false;
    commands_.push_back(std::move(command));
    // One signal suffices until the thread has taken the list.
    if (commands_.size() == 1)
        filled_.signal();
    return true;
}

std::vector<Mailbox::Command> Mailbox::take() {
    const std::lock_guard lock(mutex_);
    if (!commands_.empty())
        filled_.clear();
    return std::exchange(commands_, {});
}

} // namespace smsbcast::adapters::rabbitmq
