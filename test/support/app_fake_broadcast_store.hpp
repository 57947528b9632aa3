#pragma once

#include "smsbcast/ports/broadcast_store.hpp"
#include "support/app_script.hpp"
#include "support/new_broadcast.hpp"

namespace smsbcast::test {

/// Keeps what is created; reads nothing.
class FakeBroadcastStore : public BroadcastStore {
public:
    explicit FakeBroadcastStore(Script& script) : script_(script) {}

    std::unique_ptr<BroadcastIntake> intake(BroadcastId id, int ticket_size, Deadline) override {
        return std::make_unique<GatheringIntake>(id, ticket_size, [this](NewBroadcast made) { return store(made); });
    }
    asio::awaitable<Result<Broadcast>> get(std::string, BroadcastId, Deadline) override { co_return Errc::not_found; }
    asio::awaitable<Result<std::vector<Broadcast>>> list(std::string, std::optional<BroadcastId>, int,
                                                         Deadline) override {
        co_return std::vector<Broadcast>();
    }
    asio::awaitable<Result<std::vector<Message>>> messages(MessageQuery, Deadline) override {
        co_return Errc::not_found;
    }
    asio::awaitable<Result<MessageWithAttempts>> message(std::string, MessageId, Deadline) override {
        co_return Errc::not_found;
    }
    asio::awaitable<Result<BroadcastStatus>> command(std::string, BroadcastId, BroadcastCommand, Deadline) override {
        co_return Errc::not_found;
    }
    asio::awaitable<Result<void>> ping(Deadline) override { co_return Result<void>(); }

    std::vector<NewBroadcast> created;

private:
    asio::awaitable<Result<IntakeOutcome>> store(NewBroadcast broadcast) {
        const auto fault = co_await script_.call("create");
        if (fault)
            co_return script_.error(*fault);
        created.push_back(std::move(broadcast));
        co_return IntakeOutcome::stored;
    }

    Script& script_;
};

} // namespace smsbcast::test
