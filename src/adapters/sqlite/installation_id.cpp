#include "calls.hpp"
#include "query.hpp"

#include "smsbcast/adapters/sqlite/sqlite.hpp"

namespace smsbcast::adapters::sqlite {

namespace {
constexpr Statement kInstallationId{"installation_id", "SELECT id FROM installation"};
} // namespace

runtime::Awaitable<Result<Uuid>> installation_id(boost::asio::io_context& shard, std::shared_ptr<Database> database,
                                                 Deadline deadline) {
    Calls calls(shard, std::move(database));
    auto look = [](Transaction& transaction) -> Result<Uuid> {
        Query query(transaction.db, kInstallationId);
        return query.next() ? Result<Uuid>(query.uuid(0)) : Result<Uuid>(Errc::internal);
    };
    auto looking = calls.read(std::move(look), deadline);
    co_return co_await std::move(looking);
}

} // namespace smsbcast::adapters::sqlite
