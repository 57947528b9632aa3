#include "session.hpp"

#include "smsbcast/http/percent.hpp"

#include "smsbcast/base/log.hpp"

namespace smsbcast::http {

namespace {
constexpr std::chrono::milliseconds kLastRequest{250};
constexpr std::chrono::seconds kLongestTurn{60};
} // namespace

Session::Session(ServerState& server, std::unique_ptr<ByteStream> stream)
    : server_(server), stream_(std::move(stream)), timer_(server.shard, *stream_),
      buffer_(server.limits.header_bytes + server.scratch.size()) {
    server_.sessions.insert(this);
}

Session::~Session() {
    server_.sessions.erase(this);
    server_.leaving -= leaving_ ? 1 : 0;
    server_.session_ended.notify_all();
}

Awaitable<> Session::serve(std::shared_ptr<Session> self) {
    try {
        co_await self->shake_hands();
        while (self->open_) {
            co_await self->next_request();
            self->release_memory();
        }
    } catch (const std::exception& error) { // no memory, for one: ends this connection, not the process
        log::error("http_session_failed", {{"reason", error.what()}});
    }
}

Awaitable<> Session::shake_hands() {
    timer_.start(server_.limits.header_timeout);
    if (server_.stopping)
        wind_down();
    const auto error = co_await stream_->handshake();
    open_ = open_ && !error && !timer_.expired();
    request_.peer = stream_->peer();
}

// A request may be on its way: the client was told of no end when it sent it.
void Session::wind_down() {
    if (idle_)
        timer_.start(kLastRequest);
}

void Session::give_way() {
    if (stream_->unread() == ByteStream::Unread::bytes)
        return;
    leaving_ = true;
    ++server_.leaving;
    cut();
}

void Session::cut() {
    open_ = false;
    stream_->close();
}

Awaitable<> Session::next_request() {
    const std::size_t size = co_await receive_head();
    if (size == 0) {
        open_ = false;
        co_return;
    }
    const auto refusal = head_.parse(buffered().substr(0, size));
    buffer_.consume(size);
    begin_request();
    if (refusal) {
        co_await refuse(*refusal);
        co_return;
    }
    body_left_ = head_.has_body();
    auto rejection = find_route();
    if (rejection && server_.on_unrouted)
        server_.on_unrouted(request_, rejection->status);
    if (!rejection)
        rejection = check_body();
    if (!rejection && route_->admit) {
        auto admission = ask_admission();
        if (admission.valid())
            rejection = co_await await_admission(std::move(admission));
    }
    if (rejection) {
        co_await reject(*rejection);
        co_return;
    }
    if (must_invite_body()) {
        out_ = "HTTP/1.1 100 Continue\r\n\r\n";
        co_await send();
    }
    if (!open_) // cut while it was admitted, or gone
        co_return;
    if (reader_ && reader_->sink)
        co_await handle_stream();
    else
        co_await handle();
}

std::optional<Response> Session::find_route() {
    auto match = server_.router.match(head_.method(), head_.path());
    switch (match.outcome) {
    case Router::Outcome::malformed:
        return problem(400, "malformed_request", "The path of the request is not well-formed.");
    case Router::Outcome::not_found: return problem(404, "not_found", "There is no such resource.");
    case Router::Outcome::wrong_method: {
        auto response = problem(405, "method_not_allowed", "This resource takes " + match.allow + ".");
        response.headers.emplace_back("Allow", std::move(match.allow));
        return response;
    }
    case Router::Outcome::found: break;
    }
    route_ = match.route;
    request_.path_arguments = std::move(match.arguments);
    request_.path = head_.path();
    if (request_.path.find('%') != std::string_view::npos) {
        path_ = *percent_decode(request_.path); // the router has done it before
        request_.path = path_;
    }
    return std::nullopt;
}

std::optional<Response> Session::check_body() {
    if (head_.content_length() > route_->max_body)
        return problem(413, "body_too_large",
                       "The body may have at most " + std::to_string(route_->max_body) + " bytes.");
    reader_ = find_reader();
    if (!reader_ && !route_->readers.empty())
        return wrong_media_type();
    return std::nullopt;
}

const BodyReader* Session::find_reader() const {
    const bool typed = !request_.content_type.empty() || body_left_;
    for (const auto& reader : route_->readers)
        if (!typed || reader.media_type.empty() || reader.media_type == request_.content_type)
            return &reader;
    return nullptr;
}

// RFC 9110 §15.5.16: Accept names what would be taken, and §12.5.1 how.
Response Session::wrong_media_type() const {
    std::string taken;
    for (const auto& reader : route_->readers)
        taken.append(taken.empty() ? "" : ", ").append(reader.media_type);
    const std::string_view start = route_->readers.size() == 1 ? "The body must have the Content-Type "
                                                               : "The body must have one of the Content-Types ";
    auto response = problem(415, "unsupported_media_type", std::string(start).append(taken).append("."));
    response.headers.emplace_back("Accept", std::move(taken));
    return response;
}

Awaitable<std::optional<Response>> Session::ask_admission() {
    try {
        return route_->admit(request_);
    } catch (const std::exception& error) {
        return refuse_admission(failure(error.what()));
    }
}

Awaitable<std::optional<Response>> Session::refuse_admission(Response response) {
    co_return response;
}

Awaitable<std::optional<Response>> Session::await_admission(Awaitable<std::optional<Response>> admission) {
    timer_.off(); // it is not the client that is waited for
    handling_ = true;
    std::optional<Response> refusal;
    try {
        refusal = co_await std::move(admission);
    } catch (const std::exception& error) {
        refusal = failure(error.what());
    }
    handling_ = false;
    co_return refusal;
}

bool Session::must_invite_body() const {
    return open_ && head_.expects_continue() && body_left_ && buffer_.size() == 0;
}

Awaitable<> Session::handle() {
    const Piece end = co_await receive_body();
    if (end != Piece::end) {
        co_await refuse_body(end);
        co_return;
    }
    timer_.off(); // a handler has deadlines of its own
    handling_ = true;
    Response response;
    try {
        auto handling = in_turn((reader_ ? reader_->handle : route_->handle)(request_));
        response = co_await std::move(handling);
    } catch (const std::exception& error) {
        response = failure(error.what());
    }
    handling_ = false;
    co_await answer(response);
}

Awaitable<> Session::handle_stream() {
    Response response;
    try {
        const auto sink = reader_->sink(request_);
        head_.parser().body_limit(route_->max_body);
        timer_.start(server_.limits.body_timeout);
        bool wanted = true;
        Piece step = Piece::one;
        while (body_left_ && wanted) {
            step = co_await next_piece();
            if (step != Piece::one)
                break;
            wanted = sink->write(piece_);
        }
        if (wanted && body_left_) {
            co_await refuse_body(step);
            co_return;
        }
        if (body_left_)
            body_left_ = !co_await skip_body();
        timer_.off();
        handling_ = true;
        auto finishing = in_turn(sink->finish(request_));
        response = co_await std::move(finishing);
    } catch (const std::exception& error) {
        response = failure(error.what());
    }
    handling_ = false;
    co_await answer(response);
}

Awaitable<Response> Session::in_turn(Awaitable<Response> handling) {
    const auto turns = server_.turns.find(route_);
    return turns == server_.turns.end() ? std::move(handling)
                                        : wait_turn(turns->second, std::move(handling), request_id_);
}

Awaitable<Response> Session::wait_turn(Turns& turns, Awaitable<Response> handling, std::string_view request_id) {
    const bool taken = co_await turns.take(Deadline::after(kLongestTurn));
    if (!taken)
        co_return to_response(to_problem(Errc::overloaded), request_id);
    const Turn turn(turns);
    co_return co_await std::move(handling);
}

Response Session::failure(const char* reason) const {
    auto response = problem(500, "internal_error", "");
    response.trouble = Trouble{reason, true};
    return response;
}

Response Session::problem(int status, std::string_view code, std::string_view detail) const {
    return to_response(Problem{status, std::string(code), std::string(detail), {}, {}}, request_id_);
}

} // namespace smsbcast::http
