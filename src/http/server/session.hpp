#pragma once

#include "body_decoder.hpp"
#include "phase_timer.hpp"
#include "request_head.hpp"
#include "response_text.hpp"
#include "resting_connections.hpp"
#include "router.hpp"
#include "trouble_log.hpp"
#include "turns.hpp"

#include "smsbcast/http/byte_stream.hpp"
#include "smsbcast/http/problem.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <array>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <variant>

namespace smsbcast::http {

class Session;

/// What the sessions of one server share. Outlives them.
struct ServerState {
    ServerState(asio::io_context& context, const ServerLimits& http_limits, std::vector<Route> routes,
                OnUnrouted observer)
        : shard(context), limits(http_limits), router(std::move(routes)), on_unrouted(std::move(observer)),
          session_ended(context) {
        for (const auto& route : router.routes())
            if (route.at_once > 0)
                turns.try_emplace(&route, shard, route.at_once);
    }

    asio::io_context& shard;
    ServerLimits limits;
    Router router;
    OnUnrouted on_unrouted;
    DateText date;
    TroubleLog troubles;
    std::array<char, 64 * 1024> scratch;           ///< a decoded piece of a body, until its session is next suspended
    std::unordered_map<const Route*, Turns> turns; ///< of the routes that bound how many are handled at once
    std::unordered_set<Session*> sessions;
    RestingConnections resting;
    std::size_t leaving = 0; ///< sessions that gave way and have not ended yet
    runtime::Wakeup session_ended;
    bool crowded = false; ///< others wait for a place: each answer ends its connection
    bool stopping = false;
};

/// One connection: requests are read, handled and answered one after another. While a handler runs nothing is read, so
/// what a client may pipeline is bounded by the socket's and our own buffer.
class Session {
public:
    Session(ServerState& server, std::unique_ptr<ByteStream> stream);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Until the connection ends.
    static Awaitable<> serve(std::shared_ptr<Session> self);

    /// The server stops: ends the connection after the answer to the request that is under way, or that comes within a
    /// moment.
    void wind_down();

    /// Ends a connection that rests, for another one's sake; not one on which something has arrived after all.
    void give_way();

    /// Ends the connection at once; a handler that runs goes on, and its answer is dropped.
    void cut();

    /// A handler is at work, so it is not the client that is waited for.
    bool handling() const { return handling_; }

private:
    enum class Fill { some, ended, timed_out };
    enum class Piece { one, end, too_large, malformed, ended, timed_out };

    // session.cpp: one request
    Awaitable<> shake_hands();
    Awaitable<> next_request();
    std::optional<Response> find_route();
    std::optional<Response> check_body();
    const BodyReader* find_reader() const;
    Response wrong_media_type() const;
    Awaitable<std::optional<Response>> ask_admission();
    static Awaitable<std::optional<Response>> refuse_admission(Response response);
    Awaitable<std::optional<Response>> await_admission(Awaitable<std::optional<Response>> admission);
    bool must_invite_body() const;
    Awaitable<> handle();
    Awaitable<Response> in_turn(Awaitable<Response> handling);
    static Awaitable<Response> wait_turn(Turns& turns, Awaitable<Response> handling, std::string_view request_id);
    Awaitable<> handle_stream();
    Response failure(const char* reason) const;
    Response problem(int status, std::string_view code, std::string_view detail) const;

    // session_receive.cpp
    Awaitable<std::size_t> receive_head(); // 0: no request follows
    Awaitable<Piece> receive_body();
    Awaitable<Piece> next_piece();
    Awaitable<bool> skip_body();
    Awaitable<Fill> fill(std::size_t most);
    Awaitable<Fill> fill_rested();
    void rest();
    Awaitable<> refuse_head(const Refusal& refusal);
    void begin_request();
    std::string_view buffered() const;
    void skip_empty_lines();

    // session_answer.cpp
    Awaitable<> reject(const Response& response);
    Awaitable<> refuse(const Refusal& refusal);
    Awaitable<> refuse_body(Piece reason);
    Awaitable<> answer(const Response& response);
    Awaitable<> deliver_fault(const Response& response);
    void note(const Response& response);
    bool has_body(const Response& response) const;
    bool may_go_on() const;
    Awaitable<bool> send();
    Awaitable<> linger();
    void write_out(const Response& response, bool keep_alive);
    void release_memory();

    // session_source.cpp
    using Pulled = std::variant<std::optional<std::string_view>, Response>; // a piece, or the answer to its failure
    Awaitable<> answer_from_source(const Response& response);
    Awaitable<Pulled> pull(BodySource& source);
    Awaitable<Pulled> send_all(Pulled pulled, BodySource& source, bool chunked);
    Awaitable<bool> send_piece(std::string_view piece, bool chunked);

    ServerState& server_;
    const std::unique_ptr<ByteStream> stream_;
    PhaseTimer timer_;
    boost::beast::flat_buffer buffer_;
    RequestHead head_;
    Request request_;
    const Route* route_ = nullptr;
    const BodyReader* reader_ = nullptr; // of the route's, if it has any
    std::string request_id_, path_, content_type_;
    std::string body_, out_;
    std::string_view piece_; // of the body, in the server's scratch; gone after the next suspension
    RestingPlace place_{this};
    bool idle_ = true;  // nothing of a request has arrived: stop() may end the connection
    bool used_ = false; // a request was answered
    bool leaving_ = false;
    bool open_ = true; // another request may follow
    bool handling_ = false;
    bool body_left_ = false; // the present request's body was not read to its end
};

} // namespace smsbcast::http
