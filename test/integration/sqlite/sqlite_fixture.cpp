#include "sqlite_fixture.hpp"

#include "adapters/sqlite/moves.hpp"
#include "adapters/sqlite/query.hpp"

#include <fmt/format.h>

#include <future>

#include <stdlib.h>

namespace smsbcast::test {

namespace sqlite = adapters::sqlite;

namespace {

constexpr sqlite::Statement kWaiting{"test_waiting",
                                     "SELECT broadcast_id, ticket_id FROM messages WHERE id = ?1 AND status = 0"};
constexpr sqlite::Statement kFinish{"test_finish", "UPDATE messages SET status = ?2, ticket_id = NULL WHERE id = ?1"};

constexpr sqlite::Statement kExpire{"test_expire", "UPDATE broadcasts SET expires_at = ?2 WHERE id = ?1"};

/// Keeps a thread busy until it is told.
class HoldingJob final : public sqlite::Job {
public:
    explicit HoldingJob(std::shared_future<void> until) : Job(Deadline::after(kPatience)), until_(std::move(until)) {}

    void run(sqlite::Transaction&) override {
        begun_.set_value();
        until_.wait_for(kPatience);
    }
    void answer(std::optional<Errc>) override {}

    void wait_until_begun() { begun_.get_future().wait_for(kPatience); }

private:
    std::shared_future<void> until_;
    std::promise<void> begun_;
};

} // namespace

TempFolder::TempFolder() {
    auto name = (std::filesystem::temp_directory_path() / "smsbcast-sqlite.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

SqliteFixture::SqliteFixture() : folder_(std::in_place), params_{folder_->file()} {
    open();
}

SqliteFixture::SqliteFixture(sqlite::SqliteParams params) : params_(std::move(params)) {
    open();
}

void SqliteFixture::close() {
    broadcasts_.reset();
    outbox_.reset();
    tickets_.reset();
    receipts_.reset();
    housekeeping_.reset();
    installation_.reset();
    calls_.reset();
    database_.reset();
}

void SqliteFixture::open() {
    close();
    auto opened = sqlite::open_database(params_);
    REQUIRE(opened.has_value());
    database_ = std::move(*opened);
    calls_ = std::make_unique<sqlite::Calls>(io_, database_);
    broadcasts_ = sqlite::make_broadcast_store(io_, database_);
    outbox_ = sqlite::make_outbox(io_, database_);
    tickets_ = sqlite::make_ticket_store(io_, database_);
    receipts_ = sqlite::make_receipt_store(io_, database_);
    housekeeping_ = sqlite::make_housekeeping(io_, database_);
    installation_ = sqlite::make_installation(io_, database_);
}

void SqliteFixture::expire(BroadcastId broadcast) {
    auto work = [=](sqlite::Transaction& transaction) -> Result<void> {
        transaction.db.run(kExpire, broadcast, transaction.now - 1);
        return {};
    };
    const auto done = run(calls_->write(std::move(work), deadline()));
    REQUIRE(done.has_value());
}

void SqliteFixture::refuse(MessageId message) {
    auto id = to_string(message);
    std::erase(id, '-');
    execute("CREATE TRIGGER refuse BEFORE UPDATE ON messages WHEN OLD.id = x'" + id +
            "' BEGIN SELECT RAISE(ABORT, 'refused'); END");
}

void SqliteFixture::accept_again() {
    execute("DROP TRIGGER refuse");
}

void SqliteFixture::finish_as(MessageId message, MessageStatus status) {
    auto work = [=](sqlite::Transaction& transaction) -> Result<void> {
        sqlite::Moves moves;
        {
            sqlite::Query row(transaction.db, kWaiting, message);
            if (!row.next())
                return Errc::not_found;
            const BroadcastId broadcast{row.uuid(0)};
            moves.count(broadcast, MessageStatus::pending, status);
            moves.leave(broadcast, TicketId{row.uuid(1)});
        }
        transaction.db.run(kFinish, message, static_cast<int>(status));
        moves.write(transaction.db);
        return {};
    };
    const auto done = run(calls_->write(std::move(work), deadline()));
    REQUIRE(done.has_value());
}

void SqliteFixture::execute(const std::string& sql) {
    auto work = [sql](sqlite::Transaction& transaction) -> Result<void> {
        transaction.db.execute(sql.c_str());
        return {};
    };
    const auto done = run(calls_->write(std::move(work), deadline()));
    REQUIRE(done.has_value());
}

std::int64_t SqliteFixture::number(const std::string& sql) {
    auto work = [sql](sqlite::Transaction& transaction) -> Result<std::int64_t> {
        std::int64_t found = 0;
        const auto keep = [](void* into, int, char** values, char**) {
            *static_cast<std::int64_t*>(into) = values[0] ? std::stoll(values[0]) : 0;
            return 0;
        };
        sqlite3_exec(transaction.db.handle(), sql.c_str(), keep, &found, nullptr);
        return found;
    };
    const auto found = run(calls_->read(std::move(work), deadline()));
    REQUIRE(found.has_value());
    return *found;
}

std::shared_ptr<void> SqliteFixture::hold_writer() {
    return hold(database_->writes(), 1);
}

std::shared_ptr<void> SqliteFixture::hold_readers() {
    return hold(database_->reads(), 2);
}

std::shared_ptr<void> SqliteFixture::hold(sqlite::JobQueue& queue, int threads) {
    const auto promise = std::make_shared<std::promise<void>>();
    const auto until = promise->get_future().share();
    for (int i = 0; i < threads; ++i) {
        const auto job = std::make_shared<HoldingJob>(until);
        REQUIRE(queue.push(job));
        job->wait_until_begun();
    }
    return {nullptr, [promise](void*) { promise->set_value(); }};
}

} // namespace smsbcast::test
