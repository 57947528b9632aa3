#pragma once

#include "smsbcast/ports/broadcast_store.hpp"
#include "support/new_broadcast.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace smsbcast::test {

/// Broadcasts in memory, as far as the API can see them.
class FakeTransportStore final : public BroadcastStore {
public:
    std::unique_ptr<BroadcastIntake> intake(BroadcastId id, int ticket_size, Deadline) override {
        return std::make_unique<GatheringIntake>(id, ticket_size, [this](NewBroadcast made) { return store(made); });
    }

    boost::asio::awaitable<Result<Broadcast>> get(std::string tenant, BroadcastId id, Deadline) override {
        if (fails)
            co_return *fails;
        const auto* const found = find(tenant, id);
        if (!found)
            co_return Errc::not_found;
        co_return *found;
    }

    boost::asio::awaitable<Result<std::vector<Broadcast>>> list(std::string tenant, std::optional<BroadcastId> before,
                                                                int limit, Deadline) override {
        std::vector<Broadcast> page;
        for (auto at = broadcasts_by_age.rbegin(); at != broadcasts_by_age.rend(); ++at)
            if (tenant_of(at->id) == tenant && (!before || at->id < *before) && static_cast<int>(page.size()) < limit)
                page.push_back(*at);
        co_return page;
    }

    boost::asio::awaitable<Result<std::vector<Message>>> messages(MessageQuery query, Deadline) override {
        if (!find(query.tenant, query.broadcast))
            co_return Errc::not_found;
        std::vector<Message> page;
        for (const auto& message : messages_by_id)
            if (message.broadcast == query.broadcast && (!query.status || message.status == *query.status) &&
                (!query.after || message.id > *query.after) && static_cast<int>(page.size()) < query.limit)
                page.push_back(message);
        co_return page;
    }

    boost::asio::awaitable<Result<MessageWithAttempts>> message(std::string tenant, MessageId id, Deadline) override {
        const auto found = std::ranges::find(messages_by_id, id, &Message::id);
        if (found == messages_by_id.end() || !find(tenant, found->broadcast))
            co_return Errc::not_found;
        co_return MessageWithAttempts{*found, attempts};
    }

    boost::asio::awaitable<Result<BroadcastStatus>> command(std::string tenant, BroadcastId id,
                                                            BroadcastCommand command, Deadline) override {
        auto* const found = find(tenant, id);
        if (!found)
            co_return Errc::not_found;
        const auto next = after(found->status, command);
        if (!next)
            co_return Errc::conflict;
        found->status = *next;
        co_return *next;
    }

    boost::asio::awaitable<Result<void>> ping(Deadline) override { co_return Result<void>{}; }

    std::vector<NewBroadcast> created;
    std::vector<Broadcast> broadcasts_by_age;
    std::map<BroadcastId, std::string> tenants; ///< of those that are not of kTenant
    std::vector<Message> messages_by_id;
    std::vector<Attempt> attempts;
    std::optional<Errc> fails;

private:
    std::string tenant_of(BroadcastId id) const {
        const auto found = tenants.find(id);
        return found == tenants.end() ? kTenant : found->second;
    }

    Broadcast* find(const std::string& tenant, BroadcastId id) {
        const auto found = std::ranges::find(broadcasts_by_age, id, &Broadcast::id);
        return found == broadcasts_by_age.end() || tenant_of(id) != tenant ? nullptr : &*found;
    }

    boost::asio::awaitable<Result<IntakeOutcome>> store(NewBroadcast broadcast) {
        if (fails)
            co_return *fails;
        Broadcast shown;
        shown.id = broadcast.id;
        shown.text = broadcast.text;
        broadcasts_by_age.push_back(shown);
        tenants[broadcast.id] = broadcast.tenant;
        created.push_back(std::move(broadcast));
        co_return IntakeOutcome::stored;
    }
};

} // namespace smsbcast::test
