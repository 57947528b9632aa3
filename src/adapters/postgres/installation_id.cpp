#include "database.hpp"

namespace smsbcast::adapters::postgres {

namespace {
constexpr Statement kInstallationId{"installation_id", "SELECT id FROM installation"};
} // namespace

runtime::Awaitable<Result<Uuid>> installation_id(std::shared_ptr<Database> database, Deadline deadline) {
    Unit unit = single(kInstallationId, Params());
    auto reading = database->read(std::move(unit), deadline);
    const auto rows = co_await std::move(reading);
    if (!rows)
        co_return rows.error();
    if (rows->front().empty())
        co_return Errc::internal;
    co_return rows->front().uuid(0, 0);
}

} // namespace smsbcast::adapters::postgres
