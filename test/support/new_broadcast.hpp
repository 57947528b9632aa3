#pragma once

#include "smsbcast/domain/caller.hpp"
#include "smsbcast/ports/broadcast_store.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace smsbcast::test {

/// The tenant of the tests that are not about tenants.
inline const std::string kTenant{kDefaultTenant};

/// A broadcast with all of its recipients.
struct NewBroadcast {
    BroadcastId id;
    std::optional<std::string> name;
    std::string text;
    std::vector<PhoneNumber> recipients;
    int ticket_size = 100;
    std::optional<Timestamp> expires_at{};
    std::vector<std::size_t> pieces{}; ///< the sizes in which it came, of one that a fake has stored
    std::string tenant = kTenant;
};

/// Hands it to the store in pieces, as the API does.
inline boost::asio::awaitable<Result<IntakeOutcome>> take_in(BroadcastStore& store, NewBroadcast broadcast,
                                                             Deadline deadline) {
    const auto intake = store.intake(broadcast.id, broadcast.ticket_size, deadline);
    for (std::span<const PhoneNumber> left = broadcast.recipients; !left.empty();) {
        const auto piece = left.first(std::min(left.size(), BroadcastIntake::kMost));
        left = left.subspan(piece.size());
        auto appending = intake->append({piece.begin(), piece.end()});
        const Result<void> appended = co_await std::move(appending);
        if (!appended)
            co_return appended.error();
    }
    auto committing = intake->commit({.tenant = std::move(broadcast.tenant),
                                      .name = std::move(broadcast.name),
                                      .text = std::move(broadcast.text),
                                      .expires_at = broadcast.expires_at});
    co_return co_await std::move(committing);
}

/// Likewise, for a broadcast that the store cannot know.
inline boost::asio::awaitable<Result<void>> create(BroadcastStore& store, NewBroadcast broadcast, Deadline deadline) {
    auto taking = take_in(store, std::move(broadcast), deadline);
    const auto outcome = co_await std::move(taking);
    if (!outcome)
        co_return outcome.error();
    co_return *outcome == IntakeOutcome::stored ? Result<void>() : Result<void>(Errc::internal);
}

/// The intake of a fake: it gathers a broadcast and hands it over as a whole.
class GatheringIntake final : public BroadcastIntake {
public:
    using Store = std::function<boost::asio::awaitable<Result<IntakeOutcome>>(NewBroadcast)>;

    GatheringIntake(BroadcastId id, int ticket_size, Store store) : store_(std::move(store)) {
        broadcast_.id = id;
        broadcast_.ticket_size = ticket_size;
    }

    boost::asio::awaitable<Result<void>> append(std::vector<PhoneNumber> recipients) override {
        if (recipients.empty() || recipients.size() > kMost)
            throw std::logic_error("a piece has 1 to kMost recipients");
        broadcast_.recipients.insert(broadcast_.recipients.end(), recipients.begin(), recipients.end());
        broadcast_.pieces.push_back(recipients.size());
        co_return Result<void>();
    }
    boost::asio::awaitable<Result<IntakeOutcome>> commit(BroadcastContent content) override {
        broadcast_.tenant = std::move(content.tenant);
        broadcast_.name = std::move(content.name);
        broadcast_.text = std::move(content.text);
        broadcast_.expires_at = content.expires_at;
        return store_(std::move(broadcast_));
    }

private:
    NewBroadcast broadcast_;
    Store store_;
};

} // namespace smsbcast::test
