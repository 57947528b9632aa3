#pragma once

#include "http_loop.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::test {

/// The server's end of one connection, for scripts that know no HTTP beyond where a request ends.
class Peer {
public:
    explicit Peer(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

    /// A whole request, by its Content-Length. Empty when the client closed first.
    Awaitable<std::string> read_request();
    Awaitable<> write(std::string text);
    /// One packet per byte, as far as the system does not join them.
    Awaitable<> write_slowly(std::string text);
    /// Returns when the client closed its end.
    Awaitable<> wait_for_close();
    /// Returns when the client sent something, which is left where it is.
    Awaitable<> wait_for_bytes();

    void close();
    void reset();

private:
    asio::ip::tcp::socket socket_;
    std::string in_;
};

/// Listens on a free port of the loopback and runs one script a connection: the first for the first, and so on, the
/// last for all further ones.
class ScriptedServer {
public:
    using Script = std::function<Awaitable<>(Peer&)>;

    ScriptedServer(HttpLoop& loop, std::vector<Script> scripts);
    ~ScriptedServer();

    std::uint16_t port() const { return port_; }
    std::size_t accepted() const { return peers_.size(); }

    /// No further connection; those that are open are closed.
    void stop();

private:
    Awaitable<> accept_all();
    static Awaitable<> serve(std::shared_ptr<Peer> peer, Script script);

    HttpLoop& loop_;
    std::vector<Script> scripts_;
    asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::vector<std::shared_ptr<Peer>> peers_;
};

/// A script that answers every request with the same bytes, and keeps the connection.
ScriptedServer::Script answer(std::string text);
/// Reads one request, writes, and closes.
ScriptedServer::Script answer_and_close(std::string text);
/// Reads one request, writes, and resets.
ScriptedServer::Script answer_and_reset(std::string text);
/// Reads one request and is silent until the client goes.
ScriptedServer::Script hang();

/// `HTTP/1.1 <status> X` with a Content-Length, more `head` lines (each with its end) and the body.
std::string http_answer(int status, std::string_view body, std::string_view head = {});

} // namespace smsbcast::test
