#include "calls.hpp"
#include "hold.hpp"
#include "hold_statements.hpp"
#include "query.hpp"

namespace smsbcast::adapters::sqlite {

using runtime::Awaitable;

namespace {

// The row of the installation is written by the same thread as everything else, so a hold that was
// answered is seen by every claim and take that runs after it.
class SqliteInstallation final : public Installation {
public:
    SqliteInstallation(boost::asio::io_context& shard, std::shared_ptr<Database> database)
        : calls_(shard, std::move(database)) {}

    Awaitable<Result<InstallationIdentity>> identity(Deadline deadline) override {
        return calls_.read(
            [](Transaction& transaction) -> Result<InstallationIdentity> {
                Query row(transaction.db, sql::kIdentity);
                // The migration makes the row, so its absence means a file that was tampered with.
                if (!row.next())
                    return Errc::internal;
                return InstallationIdentity{row.uuid(0), std::string(row.text(1)), row.time(2)};
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
                // One call is one bounded step; the command repeats it while the report says that
                // there is more.
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
