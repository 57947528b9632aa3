#include "answers.hpp"

namespace smsbcast::transport {

Response failed(const boost::system::error_code& error, const Request& request) {
    return to_response(to_problem(error), request.request_id);
}

Response bad_query(std::vector<FieldError> errors, const Request& request) {
    return to_response(
        Problem{422, "invalid_query", "The query of this request is not accepted.", std::move(errors), {}},
        request.request_id);
}

Response bad_id(const Request& request) {
    FieldError error{"id", {}, "malformed_id", "must be a UUID such as 018fd2c4-5b6e-7a10-9c3d-2f1e0b4a6d57"};
    return to_response(Problem{400, "malformed_id", "The id in the path is no UUID.", {std::move(error)}, {}},
                       request.request_id);
}

std::optional<Uuid> id_of(const Request& request) {
    return parse_uuid(request.path_arguments.front());
}

} // namespace smsbcast::transport
