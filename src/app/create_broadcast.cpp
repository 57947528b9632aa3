#include "smsbcast/app/create_broadcast.hpp"

#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

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

    NewBroadcast broadcast;
    broadcast.id = BroadcastId{new_uuid()};
    broadcast.name = std::move(input.name);
    broadcast.text = std::move(*input.message);
    broadcast.recipients = input.recipients.take();
    broadcast.ticket_size = limits_.ticket_size;
    broadcast.expires_at = input.expires_at;

    CreatedBroadcast created;
    created.id = broadcast.id;
    created.total = static_cast<std::int64_t>(broadcast.recipients.size());
    created.duplicates_removed = input.recipients.duplicates();

    chaos::failpoint("api.before_create");
    auto storing = store_.create(std::move(broadcast), deadline);
    const Result<void> stored = co_await std::move(storing);
    chaos::failpoint("api.after_create");
    if (!stored && !chaos::mutant("accepted_without_commit")) {
        log::warn("broadcast_not_created", {{"broadcast_id", created.id}, {"error", stored.error()}});
        co_return Output(NotCreated{created.id, stored.error()});
    }
    log::info("broadcast_created", {{"broadcast_id", created.id}, {"total", created.total}});
    co_return Output(created);
}

} // namespace smsbcast::app
