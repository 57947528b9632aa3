#include "mailbox.hpp"

#include <utility>

namespace smsbcast::adapters::rabbitmq {

bool Mailbox::post(Command command) {
    const std::lock_guard lock(mutex_);
    if (commands_.size() >= limit_)
        return false;
    commands_.push_back(std::move(command));
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
