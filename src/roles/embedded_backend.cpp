#include "smsbcast/roles/backend.hpp"

#include "smsbcast/adapters/sqlite/sqlite.hpp"
#include "smsbcast/base/log.hpp"

#include <filesystem>
#include <stdexcept>

namespace smsbcast::roles {

namespace sqlite = adapters::sqlite;

namespace {

class EmbeddedStore final : public StoreSession {
public:
    EmbeddedStore(boost::asio::io_context& shard, std::shared_ptr<sqlite::Database> database)
        : shard_(shard), database_(std::move(database)), checked_(sqlite::make_broadcast_store(shard, database_)) {}

    // Opening it has brought it up to date.
    boost::asio::awaitable<Result<void>> migrate(Deadline) override { co_return Result<void>(); }
    boost::asio::awaitable<Result<void>> check(Deadline deadline) override { return checked_->ping(deadline); }

    // The other calls wait for nothing but the disk, and those of the other roles are made on the same file.
    void abandon() override { sqlite::abandon_creations(*database_); }

    std::unique_ptr<BroadcastStore> broadcasts() override { return sqlite::make_broadcast_store(shard_, database_); }
    std::unique_ptr<BroadcastStore> uploads() override { return broadcasts(); }
    std::unique_ptr<Outbox> outbox() override { return sqlite::make_outbox(shard_, database_); }
    std::unique_ptr<TicketStore> tickets() override { return sqlite::make_ticket_store(shard_, database_); }
    std::unique_ptr<ReceiptStore> receipts() override { return sqlite::make_receipt_store(shard_, database_); }
    std::unique_ptr<Housekeeping> housekeeping() override { return sqlite::make_housekeeping(shard_, database_); }
    std::unique_ptr<Installation> installation() override { return sqlite::make_installation(shard_, database_); }
    std::unique_ptr<KeyStore> keys() override { return sqlite::make_key_store(shard_, database_); }

private:
    boost::asio::io_context& shard_;
    std::shared_ptr<sqlite::Database> database_;
    std::unique_ptr<BroadcastStore> checked_;
};

class EmbeddedBackend final : public StoreBackend {
public:
    explicit EmbeddedBackend(const std::string& path) {
        auto opened = sqlite::open_database({path});
        if (!opened && opened.error().in_use)
            throw StoreInUse(opened.error().message);
        if (!opened)
            throw std::runtime_error(opened.error().message);
        database_ = std::move(*opened);
        log::info("store_opened", {{"file", std::filesystem::absolute(path).string()}});
    }

    std::unique_ptr<StoreSession> open(boost::asio::io_context& shard, std::string_view) const override {
        return std::make_unique<EmbeddedStore>(shard, database_);
    }

private:
    std::shared_ptr<sqlite::Database> database_;
};

} // namespace

std::unique_ptr<StoreBackend> make_embedded_backend(const std::string& path) {
    return std::make_unique<EmbeddedBackend>(path);
}

} // namespace smsbcast::roles
