#pragma once

#include "smsbcast/app/authenticate.hpp"
#include "smsbcast/base/log_sample.hpp"
#include "smsbcast/http/problem.hpp"

#include <chrono>
#include <string_view>

namespace smsbcast::transport {

using runtime::Awaitable;

/// Lets requests in by the API key in their `Authorization: Bearer` (RFC 6750 §2.1; a key in a URL or a body is not
/// looked at) and puts the key's caller into them. Others are answered 401, or 403 where the key lacks the scope, with
/// WWW-Authenticate (§3), before a byte of their body is read; 400 for several credentials at once; 503 while the store
/// cannot say. What was refused is logged at most once in a while. Belongs to the shard of the use case; must outlive
/// the admissions that it made.
class BearerAdmission {
public:
    explicit BearerAdmission(app::Authenticate& authenticate,
                             std::chrono::milliseconds store_timeout = std::chrono::seconds(5))
        : authenticate_(authenticate), store_timeout_(store_timeout) {}

    /// For a route whose callers need this scope.
    http::Admission needing(Scope scope);

private:
    using Answer = std::optional<http::Response>;

    Awaitable<Answer> admit(http::Request& request, Scope scope);
    Awaitable<Answer> ask(http::Request& request, KeyToken token, Scope scope);
    static Awaitable<Answer> refuse(http::Response response);
    http::Response judged(const http::Problem& problem, std::string_view challenge, const http::Request& request,
                          std::string_view key);
    Answer enter(http::Request& request, Caller caller, Scope scope);
    http::Response unknown(const http::Request& request, std::string_view key);

    app::Authenticate& authenticate_;
    std::chrono::milliseconds store_timeout_;
    LogSample refused_;
};

} // namespace smsbcast::transport
