#include "broadcast_intake.hpp"

#include "creation.hpp"

#include <type_traits>
#include <utility>

namespace smsbcast::adapters::sqlite {

using runtime::Awaitable;

namespace {

// Unless it wrote all or nothing, the destructor has what was written cleared, whatever ended it: an
// error, the deadline, or the end of its caller's coroutine.
class SqliteIntake final : public BroadcastIntake {
public:
    SqliteIntake(Calls& calls, BroadcastId id, int ticket_size, Deadline deadline)
        : calls_(calls), database_(calls.database()), creations_(database_->creations()),
          creation_(std::make_shared<Creation>(id, ticket_size)), deadline_(deadline) {
        creations_->enter(creation_->first_message());
    }
    ~SqliteIntake() override {
        // The clearing job is queued without a limit: a full queue must not be the reason why half
        // of a broadcast stays in the file.
        if (creations_->leave(creation_->first_message(), may_leave_))
            database_->writes().push_always(creations_);
    }

    Awaitable<Result<void>> append(std::vector<PhoneNumber> recipients) override;
    Awaitable<Result<IntakeOutcome>> commit(BroadcastContent content) override;

private:
    /// `work` with what every piece needs: it owns the creation, and does nothing for nobody.
    template <class Work>
    auto piece(Work work) const {
        return [creation = creation_, creations = creations_, work = std::move(work)](
                   Transaction& transaction) -> std::invoke_result_t<const Work&, Creation&, Transaction&> {
            if (!creations->is_under_way(creation->first_message()))
                return Errc::unavailable;
            return work(*creation, transaction);
        };
    }

    Calls& calls_;
    std::shared_ptr<Database> database_;
    std::shared_ptr<Creations> creations_;
    std::shared_ptr<Creation> creation_;
    Deadline deadline_;
    std::vector<PhoneNumber>
        held_; ///< the piece that came last; one alone is written in one transaction, all or nothing
    bool has_written_ = false;
    bool may_leave_ = false; ///< something in the file
};

// Before the last piece nothing leads to what was written, and it is cleared; so a piece that may or
// may not be there is no doubt for the caller.
Awaitable<Result<void>> SqliteIntake::append(std::vector<PhoneNumber> recipients) {
    if (creations_->abandoned())
        co_return Errc::unavailable;
    std::swap(held_, recipients);
    if (recipients.empty())
        co_return Result<void>();
    // This is set before the wait, since the coroutine may be destroyed in it while the piece is
    // being written.
    may_leave_ = true;
    auto work = piece([recipients = std::move(recipients)](Creation& creation, Transaction& transaction) {
        return creation.write_piece(transaction, recipients);
    });
    auto writing = calls_.write(std::move(work), deadline_);
    const Result<void> written = co_await std::move(writing);
    if (!written && written.error() == Errc::uncertain)
        co_return deadline_.passed() ? Errc::timeout : Errc::unavailable;
    // The piece that failed is known to have written nothing; only those before it did.
    may_leave_ = has_written_ = has_written_ || written.has_value();
    co_return written;
}

Awaitable<Result<IntakeOutcome>> SqliteIntake::commit(BroadcastContent content) {
    if (creations_->abandoned())
        co_return Errc::unavailable;
    auto work = piece([recipients = std::exchange(held_, {}), content = std::move(content)](Creation& creation,
                                                                                            Transaction& transaction) {
        return creation.finish(transaction, recipients, content);
    });
    auto writing = calls_.write(std::move(work), deadline_);
    const Result<IntakeOutcome> written = co_await std::move(writing);
    may_leave_ = has_written_ && !written.has_value();
    co_return written;
}

} // namespace

std::unique_ptr<BroadcastIntake> make_broadcast_intake(Calls& calls, BroadcastId id, int ticket_size,
                                                       Deadline deadline) {
    return std::make_unique<SqliteIntake>(calls, id, ticket_size, deadline);
}

} // namespace smsbcast::adapters::sqlite
