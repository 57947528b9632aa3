#include "calls.hpp"
#include "hold.hpp"
#include "hold_statements.hpp"
#include "query.hpp"

namespace smsbcast::adapters::sqlite {

using runtime::Awaitable;

namespace {

class SqliteInstallation final : public Installation {
public:
    SqliteInstallation(boost::asio::io_context& shard, std::shared_ptr<Database> database)
        : calls_(shard, std::move(database)) {}

    Awaitable<Result<Uuid>> id(Deadline deadline) override {
        return calls_.read(
            [](Transaction& transaction) -> Result<Uuid> {
                Query row(transaction.db, sql::kInstallation);
                return row.next() ? Result<Uuid>(row.uuid(0)) : Result<Uuid>(Errc::internal);
            },
            deadline);
    }

    Awaitable<Result<std::optional<Hold>>> held(Deadline deadline) override {
        return calls_.read(
            [](Transaction& transaction) -> Result<std::optional<Hold>> { return find_hold(transaction.db); },
            deadline);
    }

    Awaitable<Result<Hold>> hold(std::string because, Deadline deadline) override {
        return calls_.write(
            [because = std::move(because)](Transaction& transaction) -> Result<Hold> {
                return sqlite::hold(transaction, because);
            },
            deadline);
    }

    Awaitable<Result<ReleaseReport>> release(ReleaseOptions options, Deadline deadline) override {
        return calls_.write(
            [options](Transaction& transaction) -> Result<ReleaseReport> {
                return sqlite::release(transaction, options);
            },
            deadline);
    }

private:
    Calls calls_;
};

} // namespace

std::unique_ptr<Installation> make_installation(boost::asio::io_context& shard, std::shared_ptr<Database> database) {
    return std::make_unique<SqliteInstallation>(shard, std::move(database));
}

} // namespace smsbcast::adapters::sqlite
