#include "smsbcast/transport/bearer_admission.hpp"

#include "answers.hpp"
#include "credentials.hpp"

#include "smsbcast/base/log.hpp"

#include <utility>

namespace smsbcast::transport {

namespace {

// RFC 6750 §3: a request that shows no key at all is not told of an error.
constexpr std::string_view kPlainChallenge = R"(Bearer realm="smsbcast")";

std::string challenge(std::string_view error) {
    return std::string(kPlainChallenge).append(", error=\"").append(error).append("\"");
}

http::Problem problem_of(CredentialsError error) {
    switch (error) {
    case CredentialsError::missing:
        return {401, "unauthenticated", "This request needs an API key: Authorization: Bearer sms_...", {}, {}};
    case CredentialsError::several:
        return {400, "invalid_request", "The field Authorization may be given once.", {}, {}};
    case CredentialsError::not_a_key:
        return {401, "invalid_token", "The field Authorization must be Bearer, a space, and an API key.", {}, {}};
    case CredentialsError::mistyped:
        return {401, "invalid_token", "The API key has a typing error: its end does not fit the rest.", {}, {}};
    }
    return {};
}

} // namespace

http::Admission BearerAdmission::needing(Scope scope) {
    return [this, scope](http::Request& request) { return admit(request, scope); };
}

// No coroutine, so a key that is known at once costs none.
Awaitable<BearerAdmission::Answer> BearerAdmission::admit(http::Request& request, Scope scope) {
    auto credentials = read_credentials(request.headers);
    if (const auto* error = std::get_if<CredentialsError>(&credentials)) {
        const auto problem = problem_of(*error);
        const auto words = *error == CredentialsError::missing ? std::string(kPlainChallenge) : challenge(problem.code);
        return refuse(judged(problem, words, request, {}));
    }
    auto& token = std::get<KeyToken>(credentials);
    auto caller = authenticate_.known(token);
    if (!caller)
        return ask(request, std::move(token), scope);
    auto answer = enter(request, std::move(*caller), scope);
    return answer ? refuse(std::move(*answer)) : Awaitable<Answer>();
}

Awaitable<BearerAdmission::Answer> BearerAdmission::ask(http::Request& request, KeyToken token, Scope scope) {
    const auto prefix = token.prefix;
    auto asking = authenticate_(std::move(token), Deadline::after(store_timeout_));
    auto caller = co_await std::move(asking);
    if (caller)
        co_return enter(request, std::move(*caller), scope);
    if (caller.error() == Errc::not_found)
        co_return unknown(request, prefix);
    co_return failed(caller.error(), request);
}

http::Response BearerAdmission::unknown(const http::Request& request, std::string_view key) {
    return judged({401, "invalid_token", "The API key is unknown, revoked or expired.", {}, {}},
                  challenge("invalid_token"), request, key);
}

BearerAdmission::Answer BearerAdmission::enter(http::Request& request, Caller caller, Scope scope) {
    if (!caller.may(scope)) {
        const std::string name(to_string(scope));
        return judged({403, "insufficient_scope", "This request needs a key with the scope " + name + ".", {}, {}},
                      challenge("insufficient_scope") + ", scope=\"" + name + "\"", request, caller.who);
    }
    request.caller = std::move(caller);
    return std::nullopt;
}

Awaitable<BearerAdmission::Answer> BearerAdmission::refuse(http::Response response) {
    co_return response;
}

// The prefix of a key is no secret, and tells whose client has to be mended.
http::Response BearerAdmission::judged(const http::Problem& problem, std::string_view challenge,
                                       const http::Request& request, std::string_view key) {
    if (refused_.take())
        log::warn("request_refused", {{"code", problem.code},
                                      {"key", key},
                                      {"peer", request.peer.to_string()},
                                      {"request_id", request.request_id},
                                      {"refused_so_far", refused_.seen()}});
    auto response = http::to_response(problem, request.request_id);
    response.headers.emplace_back("WWW-Authenticate", std::string(challenge));
    return response;
}

} // namespace smsbcast::transport
