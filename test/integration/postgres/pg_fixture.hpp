#pragma once

#include "pg_server.hpp"

#include "contract/store_driver.hpp"

#include "smsbcast/adapters/postgres/postgres.hpp"

#include <functional>
#include <memory>
#include <string>

namespace smsbcast::test {

using adapters::postgres::PostgresParams;

/// Where a fixture's schema is, and how its pool is to be.
PostgresParams pg_params(const std::string& schema);

/// The PostgreSQL stores on a schema of their own, migrated.
class PgFixture final : public StoreFixture {
public:
    explicit PgFixture(const std::function<void(PostgresParams&)>& adjust = {});
    ~PgFixture() override;

    BroadcastStore& broadcasts() override { return *broadcasts_; }
    Outbox& outbox() override { return *outbox_; }
    TicketStore& tickets() override { return *tickets_; }
    ReceiptStore& receipts() override { return *receipts_; }
    Housekeeping& housekeeping() override { return *housekeeping_; }
    Installation& installation() override { return *installation_; }
    boost::asio::io_context& io() override { return io_; }
    void expire(BroadcastId broadcast) override;
    void put(MessageId message, const MessageFacts& facts, bool flagged) override;
    void clear() override;
    void pass(std::chrono::milliseconds time) override;
    StoreImage image() override;
    void refuse(MessageId message) override;
    void accept_again() override;

    const std::string& schema() const { return schema_.name(); }
    std::shared_ptr<adapters::postgres::Database> database() { return database_; }

    /// Another connection with the same schema.
    PgAdmin& admin() { return *admin_; }

    /// The pool closes its connections; the next call makes new ones.
    void reconnect();

private:
    void connect();

    boost::asio::io_context io_{1};
    PgSchema schema_;
    PostgresParams params_;
    std::unique_ptr<PgAdmin> admin_;
    std::shared_ptr<adapters::postgres::Database> database_;
    std::unique_ptr<BroadcastStore> broadcasts_;
    std::unique_ptr<Outbox> outbox_;
    std::unique_ptr<TicketStore> tickets_;
    std::unique_ptr<ReceiptStore> receipts_;
    std::unique_ptr<Housekeeping> housekeeping_;
    std::unique_ptr<Installation> installation_;
};

} // namespace smsbcast::test
