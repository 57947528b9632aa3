#include "ledger.hpp"

#include <algorithm>
#include <limits>

namespace smsbcast::mock {

namespace {

constexpr std::size_t kIdLength = 36;

std::uint64_t hash_of(const Uuid& id) {
    return std::hash<Uuid>{}(id);
}

std::uint64_t hash_of(std::string_view key) {
    return std::hash<std::string_view>{}(key);
}

template <class Number>
void count_up(Number& number) {
    if (number < std::numeric_limits<Number>::max())
        ++number;
}

} // namespace

Ledger::Entered Ledger::enter(const SendCall& call, Timestamp now) {
    auto seq = keyed(call);
    const bool fresh = seq == 0;
    if (fresh)
        seq = add(call, now);
    auto& entry = *at(seq);
    count_up(entry.requests);
    if (is_uncertain(call.message))
        count_up(entry.after_uncertain);
    entry.last_at = now;
    if (call.key.empty() || entry.provider_number == 0)
        entry.echo = call.echo;
    if (call.key.empty() || fresh)
        return {seq, Known::fresh, 0, call.echo};
    const bool same = entry.body_hash == call.body_hash;
    return {seq, same ? Known::repeated : Known::conflicting, entry.provider_number, entry.echo};
}

std::uint64_t Ledger::accept(std::uint64_t seq) {
    const auto number = ++numbers_;
    auto* const entry = at(seq);
    if (!entry)
        return number;
    count_up(entry->accepted);
    const bool alone = entry->older == 0 && !entry->has_newer;
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

// An index holds the low half of the number; there are never as many entries as would make that ambiguous.
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
