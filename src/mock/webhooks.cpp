#include "webhooks.hpp"

#include <algorithm>

namespace smsbcast::mock {

namespace {

// The mark may stand anywhere in an address, and no address has it by itself: a nil UUID is
// nobody's id.
constexpr std::string_view kIdMark = "00000000-0000-0000-0000-000000000000";

// Host and port are left alone, where a replacement could send receipts to another machine.
void put(std::string& text, std::string_view what, std::string_view by) {
    const auto scheme = text.find("://");
    const auto path = text.find_first_of("/?", scheme == std::string::npos ? 0 : scheme + 3);
    for (auto at = text.find(what, path); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

} // namespace

std::variant<Webhooks::Ref, Webhooks::Refusal> Webhooks::use(std::string_view url, const MessageId& message) {
    // Addresses differ in the id alone, so one pattern stands for those of a million receipts. The
    // buffer is kept, since this runs once per message.
    scratch_.assign(url);
    put(scratch_, to_string(message), kIdMark);
    const auto known = by_pattern_.find(scratch_);
    if (known == by_pattern_.end())
        return add(scratch_);
    ++addresses_[known->second].uses;
    return known->second;
}

std::variant<Webhooks::Ref, Webhooks::Refusal> Webhooks::add(std::string pattern) {
    const auto parsed = http::parse_url(pattern);
    if (std::holds_alternative<http::UrlError>(parsed))
        return Refusal::not_http;
    const auto& url = std::get<http::Url>(parsed);
    const auto origin = find_origin(url);
    if (const auto* refusal = std::get_if<Refusal>(&origin))
        return *refusal;
    // Unused patterns are kept as long as there is room: the next broadcast mostly has the same
    // address.
    if (free_.empty() && addresses_.size() == kMaxAddresses)
        forget_unused();
    if (free_.empty() && addresses_.size() == kMaxAddresses)
        return Refusal::too_many;
    if (free_.empty()) {
        free_.push_back(static_cast<Ref>(addresses_.size()));
        addresses_.emplace_back();
    }
    const auto ref = free_.back();
    free_.pop_back();
    by_pattern_.emplace(pattern, ref);
    addresses_[ref] = {std::move(pattern), url.target, url.authorization, std::get<std::size_t>(origin), 1};
    return ref;
}

std::variant<std::size_t, Webhooks::Refusal> Webhooks::find_origin(const http::Url& url) {
    const auto same = [&](const Origin& origin) { return origin.host == url.host && origin.port == url.port; };
    const auto known = std::ranges::find_if(origins_, same);
    if (known != origins_.end())
        return static_cast<std::size_t>(known - origins_.begin());
    // Each origin has a pool of connections, so their number is bounded and they are never
    // forgotten.
    if (origins_.size() == kMaxOrigins)
        return Refusal::too_many;
    origins_.push_back({url.host, url.port, url.host_header});
    return origins_.size() - 1;
}

void Webhooks::forget_unused() {
    for (Ref ref = 0; ref < addresses_.size(); ++ref) {
        if (addresses_[ref].uses > 0 || addresses_[ref].pattern.empty())
            continue;
        by_pattern_.erase(addresses_[ref].pattern);
        addresses_[ref] = {};
        free_.push_back(ref);
    }
}

std::string Webhooks::target(Ref webhook, const MessageId& message, bool with_query) const {
    auto target = addresses_[webhook].target;
    if (!with_query)
        // The query is where our id stands. A provider that gives back its own id only posts to the
        // bare address.
        target.resize(std::min(target.find('?'), target.size()));
    put(target, kIdMark, to_string(message));
    return target;
}

} // namespace smsbcast::mock
