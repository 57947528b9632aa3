#include "broadcast_intake.hpp"

#include "broadcast_statements.hpp"
#include "copy_rows.hpp"

#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

// The client's 201 waits for the NOTIFY, which only saves the relay a poll interval. A server that
// stalls here may cost the answer one second and not the whole deadline.
constexpr std::chrono::seconds kNotifyTimeout{1};
// So many recipients are copied at a time. Each COPY waits for the server's answer, which costs a tenth of the rate
// where pieces of BroadcastIntake::kMost are copied one by one; the numbers have 800 kB meanwhile.
constexpr std::size_t kCopied = 100'000;
// statement_timeout is a 32-bit number of milliseconds on the server.
constexpr std::int64_t kMaxMs = std::numeric_limits<std::int32_t>::max();
// An interrupted commit usually ends within a few milliseconds. The pause keeps the read-back from
// spinning while the server finishes its write of the log.
constexpr std::chrono::milliseconds kReadBackPause{20};

// This is where a broadcast enters the database. The 201 is sent only after commit() returned a value: accepted means
// committed. A transaction that was not told to commit never stands, since PostgreSQL aborts it when its connection
// ends; so whatever a step before the commit reports, the answer is that nothing was done.
class PgBroadcastIntake final : public BroadcastIntake {
public:
    PgBroadcastIntake(std::shared_ptr<Database> database, BroadcastId id, int ticket_size, Deadline deadline)
        : database_(std::move(database)), id_(id), plan_(ticket_size), deadline_(deadline) {}

    Awaitable<Result<void>> append(std::vector<PhoneNumber> recipients) override;
    Awaitable<Result<IntakeOutcome>> commit(BroadcastContent content) override;

private:
    Awaitable<Result<void>> write_held();
    Awaitable<Result<void>> begin();
    Awaitable<Result<void>> copy(const std::vector<PhoneNumber>& recipients);
    Awaitable<Result<std::vector<Rows>>> insert(const BroadcastContent& content);
    Awaitable<boost::system::error_code> give_up(boost::system::error_code why);
    Awaitable<Result<IntakeOutcome>> read_back(std::string transaction_id);

    std::shared_ptr<Database> database_;
    BroadcastId id_;
    TicketPlan plan_;
    Deadline deadline_;
    std::vector<PhoneNumber> held_;                        ///< appended and not written yet
    std::optional<Database::PooledConnection> connection_; ///< has the open transaction
};

Awaitable<Result<void>> PgBroadcastIntake::append(std::vector<PhoneNumber> recipients) {
    held_.insert(held_.end(), recipients.begin(), recipients.end());
    if (held_.size() < kCopied)
        co_return Result<void>();
    co_return co_await write_held();
}

Awaitable<Result<void>> PgBroadcastIntake::write_held() {
    const auto recipients = std::exchange(held_, {});
    Result<void> done;
    if (!connection_)
        done = co_await begin();
    if (done && !recipients.empty())
        done = co_await copy(recipients);
    if (!done)
        co_return co_await give_up(done.error());
    co_return done;
}

Awaitable<Result<void>> PgBroadcastIntake::begin() {
    auto loan = co_await database_->acquire(deadline_);
    if (!loan)
        co_return loan.error();
    connection_.emplace(std::move(*loan));
    // The session's statement_timeout is made for short statements and would end a COPY of many rows
    // on a slow server; SET LOCAL replaces it until the transaction ends.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_.left()).count();
    const auto sql = fmt::format("BEGIN; SET LOCAL statement_timeout = {}", std::clamp<std::int64_t>(left, 1, kMaxMs));
    co_return co_await (*connection_)->execute("begin", sql.c_str(), deadline_);
}

// COPY, because it takes about half the time of an INSERT from arrays and a quarter of one with
// VALUES.
Awaitable<Result<void>> PgBroadcastIntake::copy(const std::vector<PhoneNumber>& recipients) {
    const auto tickets = plan_.next(recipients.size());
    auto rows = message_rows(id_, recipients, tickets);
    const auto copied = co_await (*connection_)->copy_in("copy_messages", kCopyMessages, std::move(rows), deadline_);
    if (!copied)
        co_return copied;
    rows = ticket_rows(id_, tickets);
    co_return co_await (*connection_)->copy_in("copy_tickets", kCopyTickets, std::move(rows), deadline_);
}

Awaitable<Result<std::vector<Rows>>> PgBroadcastIntake::insert(const BroadcastContent& content) {
    Params params;
    params.uuid(id_.value)
        .text(content.tenant)
        .maybe_text(content.name)
        .text(content.text)
        .bigint(static_cast<std::int64_t>(plan_.total()))
        .uuid(plan_.first_message().value)
        .uuid(plan_.last_message().value)
        .maybe_time(content.expires_at);
    const Transaction transaction = single(sql::kInsertBroadcast, std::move(params));
    co_return co_await (*connection_)->run(transaction, deadline_);
}

// The connection goes back to the pool before anything else is asked of it, since with a pool of one it would otherwise
// wait for itself. The NOTIFY stands outside of the transaction: a commit that notifies takes a lock that is global to
// the server (async.c), behind which other commits would queue. A crash between COMMIT and NOTIFY costs one poll
// interval of the relay, which looks by itself as well.
Awaitable<Result<IntakeOutcome>> PgBroadcastIntake::commit(BroadcastContent content) {
    const auto written = co_await write_held();
    if (!written)
        co_return written.error();
    const auto inserted = co_await insert(content);
    if (!inserted)
        co_return co_await give_up(inserted.error());
    if (inserted->front().empty()) { // the id is taken
        co_await give_up(Errc::conflict);
        co_return IntakeOutcome::done_before;
    }
    auto transaction_id = std::string(inserted->front().text(0, 0));
    chaos::failpoint("api.before_commit");
    const auto committed = co_await (*connection_)->execute("commit", "COMMIT", deadline_);
    const bool is_broken = (*connection_)->broken();
    if (committed)
        co_await (*connection_)
            ->execute("notify", database_->notify_command(), earlier(deadline_, Deadline::after(kNotifyTimeout)));
    connection_.reset();
    if (committed)
        co_return IntakeOutcome::stored;
    // The server answered and refused the commit, so its outcome is known and nothing was kept.
    if (!is_broken)
        co_return committed.error();
    co_return co_await read_back(std::move(transaction_id));
}

// A step reports uncertain because it cannot know that it ran inside of an explicit transaction.
// COMMIT was not sent, so nothing is open to doubt.
Awaitable<boost::system::error_code> PgBroadcastIntake::give_up(boost::system::error_code why) {
    if (connection_ && !(*connection_)->broken())
        co_await (*connection_)->execute("rollback", "ROLLBACK", deadline_);
    connection_.reset();
    co_return why == Errc::uncertain ? make_error_code(Errc::unavailable) : why;
}

// The connection broke while the commit was under way. The server may still be carrying it out, so
// a missing row proves nothing yet; only when the transaction is known to have ended does the row
// decide.
Awaitable<Result<IntakeOutcome>> PgBroadcastIntake::read_back(std::string transaction_id) {
    while (!deadline_.passed()) {
        Transaction look = single(sql::kReadCommit, Params().uuid(id_.value).text(transaction_id));
        const auto found = co_await database_->run(std::move(look), deadline_);
        // Another connection sees the row as soon as the transaction has committed. "aborted"
        // covers a rollback and a server that crashed before the commit reached its log.
        if (found && (found->front().boolean(0, 0) || found->front().text(0, 1) == "aborted")) {
            const bool committed = found->front().boolean(0, 0);
            log::info("commit_read_back", {{"broadcast_id", id_}, {"committed", committed}});
            co_return committed ? Result<IntakeOutcome>(IntakeOutcome::stored) : Errc::unavailable;
        }
        co_await runtime::sleep_until(database_->shard(), earlier(deadline_, Deadline::after(kReadBackPause)));
    }
    // The client is told to ask again. A guess in either direction would lose a broadcast or double
    // it.
    log::warn("commit_uncertain", {{"broadcast_id", id_}});
    co_return Errc::uncertain;
}

} // namespace

std::unique_ptr<BroadcastIntake> make_broadcast_intake(std::shared_ptr<Database> database, BroadcastId id,
                                                       int ticket_size, Deadline deadline) {
    return std::make_unique<PgBroadcastIntake>(std::move(database), id, ticket_size, deadline);
}

} // namespace smsbcast::adapters::postgres
