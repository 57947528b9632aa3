#include "smsbcast/app/manage_keys.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/domain/foreign_text.hpp"
#include "smsbcast/domain/message_text.hpp"

#include <algorithm>
#include <utility>

namespace smsbcast::app {

namespace {

// The name is shown on terminals, where other characters would be commands. U+0080 to U+009F are C2 80 to C2 9F in
// UTF-8.
bool fits_one_line(std::string_view name) {
    const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; };
    const auto begins_c1 = [](char a, char b) { return a == '\xC2' && static_cast<unsigned char>(b) < 0xA0; };
    return std::ranges::none_of(name, is_control) && !has_invisible(name) &&
           std::ranges::adjacent_find(name, begins_c1) == name.end();
}

NewKey key_for(const KeyRequest& request, const KeyToken& token, const std::string& pepper) {
    return {token.prefix, request.name, request.tenant, request.scopes, digest_of(token, pepper), request.expires_at};
}

// Who made or ended which key has to be found later, and none of it is a secret.
void log_change(const char* event, const Caller& caller, const ApiKey& key) {
    log::info(event,
              {{"key", key.prefix}, {"tenant", key.tenant}, {"scopes", to_string(key.scopes)}, {"by", caller.who}});
}

} // namespace

std::string_view field_of(KeyMistake mistake) {
    switch (mistake) {
    case KeyMistake::name: return "name";
    case KeyMistake::tenant: return "tenant";
    case KeyMistake::scopes: return "scopes";
    case KeyMistake::expires_at: return "expires_at";
    }
    return {};
}

std::string_view message(KeyMistake mistake) {
    switch (mistake) {
    case KeyMistake::name: return "must be a text of 1 to 100 characters on one line";
    case KeyMistake::tenant: return "must be 1 to 64 lower-case letters, digits, - and _";
    case KeyMistake::scopes:
        return "must be one or more of broadcasts:write, broadcasts:read, suppressions:write and admin";
    case KeyMistake::expires_at: return "must be in the future";
    }
    return {};
}

KeyMistakes check(const KeyRequest& request, Timestamp now) {
    KeyMistakes mistakes;
    if (check_message_text(request.name, ApiKey::kMaxNameChars) || !fits_one_line(request.name))
        mistakes.add(KeyMistake::name);
    if (!is_tenant(request.tenant))
        mistakes.add(KeyMistake::tenant);
    if (request.scopes.empty())
        mistakes.add(KeyMistake::scopes);
    if (request.expires_at && *request.expires_at <= now)
        mistakes.add(KeyMistake::expires_at);
    return mistakes;
}

boost::asio::awaitable<Result<MadeKey>> ManageKeys::create(const Caller& caller, KeyRequest request,
                                                           Deadline deadline) {
    if (!caller.may(Scope::admin))
        co_return Errc::forbidden;
    if (!check(request, wall_clock()).empty())
        co_return Errc::invalid;
    const auto token = new_key_token();
    auto inserting = store_.insert(key_for(request, token, peppers_.front()), deadline);
    auto key = co_await std::move(inserting);
    if (!key)
        co_return key.error();
    log_change("api_key_created", caller, *key);
    co_return MadeKey{std::move(*key), to_string(token)};
}

boost::asio::awaitable<Result<MadeKey>> ManageKeys::rotate(const Caller& caller, std::string prefix,
                                                           std::chrono::milliseconds overlap, Deadline deadline) {
    if (!caller.may(Scope::admin))
        co_return Errc::forbidden;
    if (!is_key_prefix(prefix))
        co_return Errc::not_found;
    if (overlap < std::chrono::milliseconds::zero() || overlap > kMostOverlap)
        co_return Errc::invalid;
    auto finding = store_.get(prefix, deadline);
    const auto old = co_await std::move(finding);
    if (!old)
        co_return old.error();
    const auto token = new_key_token();
    const KeyRequest successor{old->name, old->tenant, old->scopes, old->expires_at};
    auto rotating = store_.rotate(prefix, key_for(successor, token, peppers_.front()), overlap, deadline);
    auto key = co_await std::move(rotating);
    if (!key)
        co_return key.error();
    log_change("api_key_rotated", caller, *old);
    log_change("api_key_created", caller, *key);
    co_return MadeKey{std::move(*key), to_string(token)};
}

boost::asio::awaitable<Result<std::vector<ApiKey>>> ManageKeys::list(const Caller& caller,
                                                                     std::optional<std::string> after, int limit,
                                                                     Deadline deadline) {
    if (!caller.may(Scope::admin))
        co_return Errc::forbidden;
    auto listing = store_.list(std::move(after), limit, deadline);
    co_return co_await std::move(listing);
}

boost::asio::awaitable<Result<ApiKey>> ManageKeys::get(const Caller& caller, std::string prefix, Deadline deadline) {
    if (!caller.may(Scope::admin))
        co_return Errc::forbidden;
    if (!is_key_prefix(prefix))
        co_return Errc::not_found;
    auto getting = store_.get(std::move(prefix), deadline);
    co_return co_await std::move(getting);
}

boost::asio::awaitable<Result<ApiKey>> ManageKeys::revoke(const Caller& caller, std::string prefix, Deadline deadline) {
    if (!caller.may(Scope::admin))
        co_return Errc::forbidden;
    if (!is_key_prefix(prefix))
        co_return Errc::not_found;
    auto revoking = store_.revoke(std::move(prefix), deadline);
    auto key = co_await std::move(revoking);
    if (key)
        log_change("api_key_revoked", caller, *key);
    co_return key;
}

} // namespace smsbcast::app
