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

    void expire(BroadcastId broadcast) override;
    void put(MessageId message, const MessageFacts& facts, bool flagged) override;
    void clear() override;
    void pass(std::chrono::milliseconds time) override;
    StoreImage image() override;
    void put_scopes(const std::string& prefix, const std::string& scopes) override;
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

    PgSchema schema_;
    PostgresParams params_;
    std::unique_ptr<PgAdmin> admin_;
    std::shared_ptr<adapters::postgres::Database> database_;
};

} // namespace smsbcast::test
