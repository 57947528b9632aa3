#include "ledger.hpp"

#include <algorithm>
#include <limits>

namespace smsbcast::mock {

namespace {

// The length of a UUID as text, with which our own keys begin.
constexpr std::size_t kIdLength = 36;

std::uint64_t hash_of(const Uuid& id) {
    return std::hash<Uuid>{}(id);
}

std::uint64_t hash_of(std::string_view key) {
    return std::hash<std::string_view>{}(key);
}

// Counters are narrow for the sake of memory; at their end they stay, since "65535 or more" is as
// wrong for a test as any larger number.
template <class Number>
void count_up(Number& number) {
    if (number < std::numeric_limits<Number>::max())
        ++number;
}

} // namespace

// This is called once per well-formed request, before the dice decide about it, so `requests` is
// what truly came.
Ledger::Entered Ledger::enter(const SendCall& call, Timestamp now) {
    auto seq = keyed(call);
    const bool fresh = seq == 0;
    if (fresh)
        seq = add(call, now);
    auto& entry = *at(seq);
    count_up(entry.requests);
    // It is asked before this request may add its own uncertainty: the count is of requests that
    // came after one.
    if (is_uncertain(call.message))
        count_up(entry.after_uncertain);
    entry.last_at = now;
    // Answers and receipt of an acceptance must agree, so the echo is fixed with it.
    if (call.key.empty() || entry.provider_number == 0)
        entry.echo = call.echo;
    if (call.key.empty() || fresh)
        return {seq, Known::fresh, 0, call.echo};
    // A provider compares bodies when a key comes again (the draft of the Idempotency-Key header,
    // §2.7, asks for 422). A hash is enough to notice a sender that changes its body.
    const bool same = entry.body_hash == call.body_hash;
    return {seq, same ? Known::repeated : Known::conflicting, entry.provider_number, entry.echo};
}

std::uint64_t Ledger::accept(std::uint64_t seq) {
    const auto number = ++numbers_;
    auto* const entry = at(seq);
    // The entry may have been forgotten between the request and its acceptance; the acceptance is
    // real all the same.
    if (!entry)
        return number;
    count_up(entry->accepted);
    const bool alone = entry->older == 0 && !entry->has_newer;
    // It is counted at the moment when the second acceptance comes, so the number is exact without
    // a pass over all messages.
    accepted_twice_ += (alone ? entry->accepted : acceptances_of(MessageId{entry->message})) == 2;
    entry->provider_number = number;
    return number;
}

void Ledger::leave_uncertain(std::uint64_t seq) {
    if (auto* const entry = at(seq))
        entry->uncertain = true;
}

void Ledger::posted(std::uint64_t seq) {
    if (auto* const entry = at(seq))
        count_up(entry->posted);
}

void Ledger::acknowledged(std::uint64_t seq, ReceiptStatus status) {
    if (auto* const entry = at(seq)) {
        count_up(entry->acknowledged);
        entry->last_status = status;
    }
}

std::vector<LedgerRow> Ledger::page(std::uint64_t after, std::size_t limit) const {
    std::vector<LedgerRow> rows;
    for (auto seq = std::max(after + 1, first_); seq < first_ + entries_.size() && rows.size() < limit; ++seq) {
        const auto& entry = *at(seq);
        // Only the first entry of a message stands for it.
        if (!at(entry.older))
            rows.push_back(row_of(newest_of(MessageId{entry.message})));
    }
    return rows;
}

std::optional<LedgerRow> Ledger::find(const MessageId& message) const {
    const auto newest = newest_of(message);
    return newest == 0 ? std::nullopt : std::optional(row_of(newest));
}

void Ledger::clear() {
    // Numbers go on, so a receipt that waits for a forgotten entry never finds a new one in its
    // place.
    first_ += entries_.size();
    entries_ = {};
    messages_.clear();
    keys_.clear();
    long_keys_.clear();
    accepted_twice_ = 0;
}

Ledger::Entry* Ledger::at(std::uint64_t seq) {
    return seq < first_ || seq >= first_ + entries_.size() ? nullptr : &entries_[seq - first_];
}

const Ledger::Entry* Ledger::at(std::uint64_t seq) const {
    return seq < first_ || seq >= first_ + entries_.size() ? nullptr : &entries_[seq - first_];
}

std::uint64_t Ledger::acceptances_of(const MessageId& message) const {
    std::uint64_t sum = 0;
    for (const auto* entry = at(newest_of(message)); entry; entry = at(entry->older))
        sum += entry->accepted;
    return sum;
}

bool Ledger::is_uncertain(const MessageId& message) const {
    for (const auto* entry = at(newest_of(message)); entry; entry = at(entry->older))
        if (entry->uncertain)
            return true;
    return false;
}

// An index holds the low half of the number. There are never as many entries as would make that
// ambiguous.
std::uint64_t Ledger::seq_of(std::uint32_t reference) const {
    return first_ + static_cast<std::uint32_t>(reference - static_cast<std::uint32_t>(first_));
}

std::uint64_t Ledger::newest_of(const MessageId& message) const {
    const auto found = messages_.find(hash_of(message.value), [&](std::uint32_t reference) {
        return at(seq_of(reference))->message == message.value;
    });
    return found ? seq_of(*found) : 0;
}

std::uint64_t Ledger::keyed(const SendCall& call) const {
    if (call.key.empty()) { // every request is one of its own, and they share an entry
        auto seq = newest_of(call.message);
        while (at(seq) && (at(seq)->key_length > 0 || long_keys_.contains(seq)))
            seq = at(seq)->older;
        return at(seq) ? seq : 0;
    }
    const auto found = keys_.find(hash_of(call.key), [&](std::uint32_t reference) {
        const auto seq = seq_of(reference);
        return key_of(*at(seq), seq) == call.key;
    });
    return found ? seq_of(*found) : 0;
}

std::uint64_t Ledger::add(const SendCall& call, Timestamp now) {
    // The memory of keys is bounded like everything else. A real provider forgets keys too, only
    // after a day and not after a number.
    if (entries_.size() >= most_)
        forget_oldest();
    const auto seq = first_ + entries_.size();
    const auto reference = static_cast<std::uint32_t>(seq);
    const auto hash = hash_of(call.message.value);
    auto& entry = entries_.emplace_back();
    entry.message = call.message.value;
    entry.phone = call.phone.digits();
    entry.body_hash = call.body_hash;
    entry.first_at = now;
    entry.older = newest_of(call.message);
    if (auto* const older = at(entry.older)) {
        // The entries of a message form a list from the newest to the oldest, and the index leads
        // to the newest.
        older->has_newer = true;
        messages_.replace(hash, static_cast<std::uint32_t>(entry.older), reference);
    } else {
        messages_.insert(hash, reference);
    }
    if (!call.key.empty()) {
        keep_key(entry, seq, call.key);
        keys_.insert(hash_of(call.key), reference);
    }
    return seq;
}

// Our own keys are the message's id and a few characters. Keeping only those few saves some forty
// bytes per entry, of which there are two million.
void Ledger::keep_key(Entry& entry, std::uint64_t seq, std::string_view key) {
    const auto tail = key.substr(std::min(key.size(), kIdLength));
    if (tail.size() > entry.key_tail.size() || !key.starts_with(to_string(entry.message))) {
        long_keys_.emplace(seq, key);
        return;
    }
    entry.key_length = static_cast<std::uint8_t>(key.size());
    std::ranges::copy(tail, entry.key_tail.begin());
}

std::string Ledger::key_of(const Entry& entry, std::uint64_t seq) const {
    if (entry.key_length > 0)
        return to_string(entry.message).append(entry.key_tail.data(), entry.key_length - kIdLength);
    const auto found = long_keys_.find(seq);
    return found == long_keys_.end() ? std::string() : found->second;
}

void Ledger::forget_oldest() {
    const auto& entry = entries_.front();
    const auto reference = static_cast<std::uint32_t>(first_);
    // The indexes hold references to this entry, so they must let go of it before it is removed.
    const auto key = key_of(entry, first_);
    if (!key.empty())
        keys_.erase(hash_of(key), reference);
    long_keys_.erase(first_);
    messages_.erase(hash_of(entry.message), reference); // unless a newer entry of the message stands there
    entries_.pop_front();
    ++first_;
}

LedgerRow Ledger::row_of(std::uint64_t newest) const {
    LedgerRow row;
    row.message = MessageId{at(newest)->message};
    row.key = key_of(*at(newest), newest);
    for (auto seq = newest; const auto* entry = at(seq); seq = entry->older) {
        // The loop goes from the newest to the oldest, so the last assignment, that of the oldest
        // entry, stays.
        row.seq = seq;
        row.phone = PhoneNumber::from_digits(entry->phone);
        row.first_at = entry->first_at;
        row.last_at = std::max(row.last_at, entry->last_at);
        row.requests += entry->requests;
        row.after_uncertain += entry->after_uncertain;
        row.accepted += entry->accepted;
        row.receipts_posted += entry->posted;
        row.receipts_acknowledged += entry->acknowledged;
        if (row.last_status == ReceiptStatus::none)
            row.last_status = entry->last_status;
        // Numbers ascend in time, so the highest is the last acceptance.
        if (entry->provider_number > row.provider_number) {
            row.provider_number = entry->provider_number;
            row.key = key_of(*entry, seq);
        }
    }
    if (row.key->empty())
        row.key.reset();
    return row;
}

} // namespace smsbcast::mock
