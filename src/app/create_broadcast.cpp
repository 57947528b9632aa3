#include "smsbcast/app/create_broadcast.hpp"

#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <algorithm>
#include <span>

namespace smsbcast::app {

bool CreateErrors::any() const {
    return message_missing || message || name || expires_at || recipients_empty || too_many_recipients || bad_count > 0;
}

CreateErrors CreateBroadcast::check(const Input& input, const BroadcastLimits& limits) {
    CreateErrors errors;
    errors.message_missing = !input.message;
    if (input.message)
        errors.message = check_message_text(*input.message, limits.max_message_chars);
    if (input.name)
        errors.name = check_message_text(*input.name, kMaxNameChars);
    if (input.expires_at)
        errors.expires_at = check_expiry(*input.expires_at, wall_clock());
    errors.too_many_recipients = input.recipients.over_limit();
    errors.bad = input.recipients.bad();
    errors.bad_count = input.recipients.bad_count();
    errors.recipients_empty =
        input.recipients.numbers().empty() && errors.bad_count == 0 && !errors.too_many_recipients;
    return errors;
}

boost::asio::awaitable<CreateBroadcast::Output> CreateBroadcast::operator()(const Caller& caller, Input input,
                                                                            Deadline deadline) {
    if (!caller.may(Scope::broadcasts_write))
        co_return Output(NotCreated{{}, Errc::forbidden});
    CreateErrors errors = check(input, limits_);
    if (errors.any())
        co_return Output(std::move(errors));

    CreatedBroadcast created;
    created.id = BroadcastId{new_uuid()};
    created.total = static_cast<std::int64_t>(input.recipients.numbers().size());
    created.duplicates_removed = input.recipients.duplicates();
    BroadcastContent content{.tenant = caller.tenant,
                             .name = std::move(input.name),
                             .text = std::move(*input.message),
                             .expires_at = input.expires_at};

    chaos::failpoint("api.before_create");
    auto storing = store(created.id, input.recipients.take(), std::move(content), deadline);
    const auto stored = co_await std::move(storing);
    chaos::failpoint("api.after_create");
    if (!stored && !chaos::mutant("accepted_without_commit")) {
        log::warn("broadcast_not_created", {{"broadcast_id", created.id}, {"error", stored.error()}});
        co_return Output(NotCreated{created.id, stored.error()});
    }
    log::info("broadcast_created", {{"broadcast_id", created.id}, {"total", created.total}});
    co_return Output(created);
}

// The id was made for this request, so a store that had it before had it from here: it is stored either way.
boost::asio::awaitable<Result<IntakeOutcome>> CreateBroadcast::store(BroadcastId id,
                                                                     std::vector<PhoneNumber> recipients,
                                                                     BroadcastContent content, Deadline deadline) {
    const auto intake = store_.intake(id, limits_.ticket_size, deadline);
    // Pieces of whole tickets, so that none is smaller but the last.
    const auto ticket_size = static_cast<std::size_t>(limits_.ticket_size);
    const auto most = BroadcastIntake::kMost / ticket_size * ticket_size;
    for (std::size_t from = 0; from < recipients.size(); from += most) {
        const auto piece = std::span(recipients).subspan(from, std::min(most, recipients.size() - from));
        auto appending = intake->append({piece.begin(), piece.end()});
        const Result<void> appended = co_await std::move(appending);
        if (!appended)
            co_return appended.error();
    }
    auto committing = intake->commit(std::move(content));
    co_return co_await std::move(committing);
}

} // namespace smsbcast::app
