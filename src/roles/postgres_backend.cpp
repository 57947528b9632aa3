#include "database_params.hpp"
#include "smsbcast/roles/backend.hpp"

namespace smsbcast::roles {

namespace pg = adapters::postgres;

namespace {

class PostgresStore final : public StoreSession {
public:
    PostgresStore(boost::asio::io_context& shard, pg::PostgresParams params)
        : shard_(shard), params_(std::move(params)), database_(connections(params_)) {}

    boost::asio::awaitable<Result<void>> migrate(Deadline deadline) override {
        return pg::migrate(database_, deadline);
    }
    boost::asio::awaitable<Result<void>> check(Deadline deadline) override {
        return pg::check_schema(database_, deadline);
    }
    void abandon() override {
        for (const auto& database : databases_)
            pg::abandon(*database);
    }

    std::unique_ptr<BroadcastStore> broadcasts() override { return pg::make_broadcast_store(database_); }
    std::unique_ptr<TicketStore> tickets() override { return pg::make_ticket_store(database_); }
    std::unique_ptr<ReceiptStore> receipts() override { return pg::make_receipt_store(database_); }
    std::unique_ptr<Housekeeping> housekeeping() override { return pg::make_housekeeping(database_); }
    std::unique_ptr<Installation> installation() override { return pg::make_installation(database_); }
    std::unique_ptr<KeyStore> keys() override { return pg::make_key_store(database_); }

    std::unique_ptr<BroadcastStore> uploads() override { return pg::make_broadcast_store(connections(params_)); }

    // Commits here need not wait for the disk: a claim or a mark that a crash of the server takes back is made again,
    // and a ticket published twice is taken once.
    std::unique_ptr<Outbox> outbox() override {
        auto params = params_;
        params.synchronous_commit = false;
        return pg::make_outbox(connections(std::move(params)));
    }

private:
    std::shared_ptr<pg::Database> connections(pg::PostgresParams params) {
        return databases_.emplace_back(pg::make_database(shard_, std::move(params)));
    }

    boost::asio::io_context& shard_;
    pg::PostgresParams params_;
    std::vector<std::shared_ptr<pg::Database>> databases_; // pools of their own for what must not wait for each other
    std::shared_ptr<pg::Database> database_;
};

class PostgresBackend final : public StoreBackend {
public:
    explicit PostgresBackend(const config::Config& config) : config_(config.database) {}

    std::unique_ptr<StoreSession> open(boost::asio::io_context& shard, std::string_view role) const override {
        return std::make_unique<PostgresStore>(shard, postgres_params(config_, role));
    }

private:
    const config::Database& config_;
};

} // namespace

std::unique_ptr<StoreBackend> make_postgres_backend(const config::Config& config) {
    return std::make_unique<PostgresBackend>(config);
}

} // namespace smsbcast::roles
