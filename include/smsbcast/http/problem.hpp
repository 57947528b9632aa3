#pragma once

#include "smsbcast/base/error.hpp"
#include "smsbcast/http/server.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace smsbcast::http {

/// One mistake of the input: where, a stable word, and a sentence that says what would be right.
struct FieldError {
    std::string field;
    std::optional<std::int64_t> index; ///< of the element, where the field is an array
    std::string code;
    std::string message;
};

/// An error answer by RFC 9457: `application/problem+json` with type, title, status, code, detail, request_id, errors.
struct Problem {
    int status = 500;
    std::string code;   ///< stable, snake_case
    std::string detail; ///< a sentence for people; a 5xx says nothing of the inside
    std::vector<FieldError> errors;
    std::optional<std::chrono::seconds> retry_after;
    std::optional<Trouble> trouble{}; ///< of a 5xx
};

Response to_response(const Problem& problem, std::string_view request_id);

/// The one place where an error of the inside becomes an HTTP answer, and why, to be logged: forbidden 403, not_found
/// 404, conflict 409, invalid and refused 422, timeout, unavailable, uncertain, retry, overloaded and stopping 503 with
/// Retry-After, everything else 500.
Problem to_problem(const boost::system::error_code& error);

} // namespace smsbcast::http
