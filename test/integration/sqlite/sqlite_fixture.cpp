#include "sqlite_fixture.hpp"

#include "adapters/sqlite/moves.hpp"
#include "adapters/sqlite/query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <map>

#include <stdlib.h>

namespace smsbcast::test {

namespace sqlite = adapters::sqlite;

namespace {

constexpr sqlite::Statement kWaiting{"test_waiting",
                                     "SELECT broadcast_id, ticket_id FROM messages WHERE id = ?1 AND status = 0"};
constexpr sqlite::Statement kPut{
    "test_put", "UPDATE messages SET status = ?2, ticket_id = ?3, attempts = ?4, maybe_sent = ?5, "
                "possible_duplicate = ?6, sent_at = ?7, resolve_by = ?8, error_code = ?9, error_class = ?10, "
                "error_message = ?11 WHERE id = ?1"};

constexpr sqlite::Statement kExpire{"test_expire", "UPDATE broadcasts SET expires_at = ?2 WHERE id = ?1"};

Uuid uuid_of_hex(std::string digits) {
    for (const std::size_t at : {8, 13, 18, 23})
        digits.insert(at, "-");
    return parse_uuid(digits).value();
}

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
    stores_ = {};
    calls_.reset();
    database_.reset();
}

void SqliteFixture::open() {
    close();
    auto opened = sqlite::open_database(params_);
    REQUIRE(opened.has_value());
    database_ = std::move(*opened);
    calls_ = std::make_unique<sqlite::Calls>(io_, database_);
    stores_.broadcasts = sqlite::make_broadcast_store(io_, database_);
    stores_.outbox = sqlite::make_outbox(io_, database_);
    stores_.tickets = sqlite::make_ticket_store(io_, database_);
    stores_.receipts = sqlite::make_receipt_store(io_, database_);
    stores_.housekeeping = sqlite::make_housekeeping(io_, database_);
    stores_.installation = sqlite::make_installation(io_, database_);
    stores_.keys = sqlite::make_key_store(io_, database_, kMostKeys);
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

void SqliteFixture::put(MessageId message, const MessageFacts& facts, bool flagged) {
    const auto error = [has_error = !facts.error_class.empty()](std::string text) {
        return has_error ? std::optional(std::move(text)) : std::nullopt;
    };
    auto work = [=, error_class = std::string(facts.error_class)](sqlite::Transaction& transaction) -> Result<void> {
        sqlite::Moves moves;
        std::optional<Uuid> ticket;
        {
            sqlite::Query row(transaction.db, kWaiting, message);
            if (!row.next())
                return Errc::not_found;
            ticket = row.uuid(1);
            if (facts.status != MessageStatus::pending) {
                moves.count(BroadcastId{row.uuid(0)}, MessageStatus::pending, facts.status);
                moves.leave(BroadcastId{row.uuid(0)}, TicketId{*ticket});
            }
        }
        constexpr std::int64_t kHour = 3'600'000;
        const bool waits = facts.status == MessageStatus::pending;
        const bool is_unknown = facts.status == MessageStatus::unknown;
        transaction.db.run(kPut, message, static_cast<int>(facts.status), waits ? ticket : std::nullopt, facts.attempts,
                           facts.maybe_sent, flagged, facts.has_sent_at ? std::optional(transaction.now) : std::nullopt,
                           is_unknown ? std::optional(transaction.now + kHour) : std::nullopt, error("a code"),
                           error(error_class), error("a sentence"));
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

std::vector<std::vector<std::string>> SqliteFixture::rows(const std::string& sql) {
    using Rows = std::vector<std::vector<std::string>>;
    auto work = [sql](sqlite::Transaction& transaction) -> Result<Rows> {
        Rows found;
        const auto keep = [](void* into, int columns, char** values, char**) {
            auto& row = static_cast<Rows*>(into)->emplace_back();
            for (int column = 0; column < columns; ++column)
                row.emplace_back(values[column] ? values[column] : "");
            return 0;
        };
        const auto code = sqlite3_exec(transaction.db.handle(), sql.c_str(), keep, &found, nullptr);
        return code == SQLITE_OK ? Result<Rows>(std::move(found)) : Result<Rows>(Errc::internal);
    };
    auto found = run(calls_->read(std::move(work), deadline()));
    REQUIRE(found.has_value());
    return std::move(*found);
}

std::int64_t SqliteFixture::number(const std::string& sql) {
    const auto found = rows(sql);
    return found.empty() || found[0][0].empty() ? 0 : std::stoll(found[0][0]);
}

void SqliteFixture::clear() {
    for (const auto* table : {"broadcasts", "messages", "outbox", "broadcast_counts", "attempts", "provider_refs",
                              "receipt_inbox", "api_keys"})
        execute(fmt::format("DELETE FROM {}", table));
    execute("UPDATE installation SET held_since = NULL, held_because = NULL");
}

void SqliteFixture::pass(std::chrono::milliseconds time) {
    for (const auto& [table, columns] : std::map<std::string, std::vector<std::string>>{
             {"broadcasts", {"created_at", "expires_at"}},
             {"outbox", {"due_at", "queued_at", "lease_until"}},
             {"messages", {"resolve_by"}},
             {"receipt_inbox", {"received_at", "next_try_at"}},
             {"installation", {"held_since"}},
             {"api_keys", {"created_at", "expires_at", "revoked_at", "last_used_at"}}})
        for (const auto& column : columns)
            execute(fmt::format("UPDATE {0} SET {1} = {1} - {2}", table, column, time.count()));
}

void SqliteFixture::put_scopes(const std::string& prefix, const std::string& scopes) {
    execute(fmt::format("UPDATE api_keys SET scopes = '{}' WHERE prefix = '{}'", scopes, prefix));
}

StoreImage SqliteFixture::image() {
    const auto name_of = [](const char* column, const auto& statuses) {
        std::string text = fmt::format("CASE {}", column);
        for (std::size_t at = 0; at < statuses.size(); ++at)
            text += fmt::format(" WHEN {} THEN '{}'", at, to_string(statuses[at]));
        return text + " END";
    };
    const auto lines =
        fmt::format(R"(
SELECT printf('message %s %s attempts=%s generation=%s maybe_sent=%s duplicate=%s queued=%s sent=%s delivered=%s '
              || 'resolves=%s provider=%s/%s error=%s/%s/%s ticket=%s history=%s',
              lower(hex(m.id)), {0}, m.attempts, m.generation, m.maybe_sent, m.possible_duplicate,
              m.queued_at IS NOT NULL, m.sent_at IS NOT NULL, m.delivered_at IS NOT NULL, m.resolve_by IS NOT NULL,
              coalesce(m.provider, '-'), coalesce(m.provider_id, '-'), coalesce(m.error_code, '-'), coalesce(m.error_class, '-'),
              coalesce(m.error_message, '-'),
              coalesce(nullif((SELECT lower(hex(min(x.id))) FROM messages x WHERE x.ticket_id = m.ticket_id), ''), '-'),
              (SELECT group_concat(line, ',') FROM (SELECT number || ':' || error_class || ':' || error_code AS line
                                                      FROM attempts WHERE message_id = m.id ORDER BY id))), NULL, NULL
  FROM messages m
UNION ALL
SELECT printf('ticket %s first=%s attempt=%s left=%s due=%s queued=%s taken=%s begun=%s at_once=%s interrupted=%s '
              || 'requeues=%s', lower(hex(name)), message_ids IS NULL, attempt, size - done,
              CASE WHEN due_at IS NULL THEN '-' WHEN due_at > {2} THEN 'later' ELSE 'now' END, queued_at IS NOT NULL,
              lease_until IS NOT NULL, begun, at_once, interrupted, requeues), lower(hex(name)), lower(hex(id))
  FROM (SELECT *, (SELECT min(x.id) FROM messages x WHERE x.ticket_id = outbox.id) AS name FROM outbox)
UNION ALL
SELECT printf('broadcast %s %s sent=%s unknown=%s delivered=%s failed=%s canceled=%s expired=%s', lower(hex(id)), {1},
              sent, unknown, delivered, failed, canceled, expired), NULL, NULL
  FROM broadcasts JOIN broadcast_counts ON broadcast_id = id
UNION ALL
SELECT printf('receipt tries=%s message=%s provider=%s/%s delivered=%s code=%s', tries,
              coalesce(nullif(lower(hex(message_id)), ''), '-'), provider, provider_id, delivered,
              coalesce(error_code, '-')), NULL, NULL
  FROM receipt_inbox
UNION ALL
SELECT printf('reference %s/%s %s', provider, provider_id, lower(hex(message_id))), NULL, NULL FROM provider_refs
UNION ALL
SELECT printf('held=%s', held_since IS NOT NULL), NULL, NULL FROM installation)",
                    name_of("m.status", kMessageStatuses), name_of("status", kBroadcastStatuses),
                    std::chrono::floor<std::chrono::milliseconds>(wall_clock().time_since_epoch()).count());
    StoreImage image;
    for (const auto& row : rows(lines)) {
        image.lines.push_back(row.at(0));
        if (!row.at(1).empty())
            image.tickets[row.at(1)] = TicketId{uuid_of_hex(row.at(2))};
    }
    std::ranges::sort(image.lines);
    return image;
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
