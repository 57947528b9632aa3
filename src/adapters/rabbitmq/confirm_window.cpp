#include "confirm_window.hpp"

namespace smsbcast::adapters::rabbitmq {

ConfirmWindow::Tag ConfirmWindow::on_published(BatchEntry entry, Time now) {
    const Tag tag = next_tag();
    slots_.push_back({entry, now});
    return tag;
}

void ConfirmWindow::on_return(Tag tag) {
    // basic.return precedes the ack of the same message, so the slot still waits here.
    if (Slot* const slot = find(tag))
        slot->returned = true;
}

std::vector<Settlement> ConfirmWindow::on_ack(Tag tag, bool multiple) {
    return settle(tag, multiple, Outcome::confirmed);
}

// RabbitMQ sends basic.nack when a queue could not take a message. The store still has the ticket
// and publishes it again.
std::vector<Settlement> ConfirmWindow::on_nack(Tag tag, bool multiple) {
    return settle(tag, multiple, Outcome::refused);
}

std::vector<Settlement> ConfirmWindow::on_connection_lost() {
    // Nobody can say which of these the broker had stored, so the relay treats them as not queued;
    // a ticket that is published twice is taken once.
    auto settled = settle(0, true, Outcome::unsettled);
    first_tag_ = 1;
    return settled;
}

std::optional<ConfirmWindow::Time> ConfirmWindow::oldest() const {
    if (slots_.empty())
        return std::nullopt;
    return slots_.front().published_at;
}

std::vector<Settlement> ConfirmWindow::settle(Tag tag, bool multiple, Outcome outcome) {
    std::vector<Settlement> settled;
    const auto end = slots_.empty() ? first_tag_ : next_tag();
    // "multiple" with tag 0 stands for all outstanding messages (AMQP 0-9-1, basic.ack).
    const Tag last = multiple && tag == 0 ? end - 1 : tag;
    for (Tag at = multiple ? first_tag_ : last; at <= last && at < end; ++at) {
        Slot* const slot = find(at);
        // Confirms may come in any order and overlap ("multiple" after single ones), so a tag may
        // be named twice.
        if (!slot || slot->settled)
            continue;
        slot->settled = true;
        // The broker acks a message that it returned as unroutable as well; it is nowhere, so it
        // counts as refused.
        settled.push_back({slot->entry, slot->returned ? Outcome::refused : outcome});
    }
    // Only the front is removed, so that a tag's slot is found by subtraction. A message that is
    // never confirmed holds up the window until check_overdue() replaces the connection.
    while (!slots_.empty() && slots_.front().settled) {
        slots_.pop_front();
        ++first_tag_;
    }
    return settled;
}

ConfirmWindow::Slot* ConfirmWindow::find(Tag tag) {
    if (tag < first_tag_ || tag - first_tag_ >= slots_.size())
        return nullptr;
    return &slots_[tag - first_tag_];
}

} // namespace smsbcast::adapters::rabbitmq
