#include "answers.hpp"

namespace smsbcast::transport {

http::Response failed(const boost::system::error_code& error, const http::Request& request) {
    return http::to_response(http::to_problem(error), request.request_id);
}

http::Response bad_query(std::vector<http::FieldError> errors, const http::Request& request) {
    return http::to_response(
        http::Problem{422, "invalid_query", "The query of this request is not accepted.", std::move(errors), {}},
        request.request_id);
}

http::Response bad_id(const http::Request& request) {
    http::FieldError error{"id", {}, "malformed_id", "must be a UUID such as 018fd2c4-5b6e-7a10-9c3d-2f1e0b4a6d57"};
    return http::to_response(
        http::Problem{400, "malformed_id", "The id in the path is no UUID.", {std::move(error)}, {}},
        request.request_id);
}

std::optional<Uuid> id_of(const http::Request& request) {
    return parse_uuid(request.path_arguments.front());
}

} // namespace smsbcast::transport
