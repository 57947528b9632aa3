#include "scripted_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace smsbcast::test {

using runtime::use_result;
using tcp = asio::ip::tcp;

Awaitable<std::string> Peer::read_request() {
    auto buffer = asio::dynamic_buffer(in_);
    const auto [ec, head] = co_await asio::async_read_until(socket_, buffer, "\r\n\r\n", use_result);
    if (ec)
        co_return std::string();
    std::size_t length = 0;
    if (const auto at = in_.find("Content-Length: "); at < head)
        length = std::strtoul(in_.c_str() + at + 16, nullptr, 10);
    while (in_.size() < head + length) {
        char piece[4096];
        const auto space = asio::buffer(piece);
        const auto [read_ec, count] = co_await socket_.async_read_some(space, use_result);
        if (read_ec)
            co_return std::string();
        in_.append(piece, count);
    }
    auto request = in_.substr(0, head + length);
    in_.erase(0, head + length);
    co_return request;
}

Awaitable<> Peer::write(std::string text) {
    const auto bytes = asio::buffer(text);
    co_await asio::async_write(socket_, bytes, use_result);
}

Awaitable<> Peer::write_slowly(std::string text) {
    for (const char& byte : text) {
        const auto bytes = asio::buffer(&byte, 1);
        co_await asio::async_write(socket_, bytes, use_result);
        co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    }
}

Awaitable<> Peer::wait_for_close() {
    char piece[4096];
    for (;;) {
        const auto space = asio::buffer(piece);
        const auto [ec, count] = co_await socket_.async_read_some(space, use_result);
        if (ec)
            co_return;
    }
}

Awaitable<> Peer::wait_for_bytes() {
    co_await socket_.async_wait(tcp::socket::wait_read, use_result);
}

void Peer::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

void Peer::reset() {
    boost::system::error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
}

ScriptedServer::ScriptedServer(HttpLoop& loop, std::vector<Script> scripts)
    : loop_(loop), scripts_(std::move(scripts)),
      acceptor_(loop.context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()) {
    loop_.tasks.spawn("accept", [this] { return accept_all(); });
}

ScriptedServer::~ScriptedServer() {
    stop();
    loop_.run_until([this] { return loop_.tasks.running() == 0; });
}

void ScriptedServer::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (const auto& peer : peers_)
        peer->close();
}

Awaitable<> ScriptedServer::accept_all() {
    while (acceptor_.is_open()) {
        auto [ec, socket] = co_await acceptor_.async_accept(use_result);
        if (ec)
            co_return;
        socket.set_option(tcp::no_delay(true));
        const auto& script = scripts_[std::min(peers_.size(), scripts_.size() - 1)];
        const auto& peer = peers_.emplace_back(std::make_shared<Peer>(std::move(socket)));
        loop_.tasks.spawn("peer", [peer, script] { return serve(peer, script); });
    }
}

Awaitable<> ScriptedServer::serve(std::shared_ptr<Peer> peer, Script script) {
    co_await script(*peer);
}

namespace {

enum class After { next, close, reset };

Awaitable<> serve_text(Peer& peer, std::string text, After after) {
    for (;;) {
        const auto request = co_await peer.read_request();
        if (request.empty())
            co_return;
        co_await peer.write(text);
        if (after == After::close)
            co_return peer.close();
        if (after == After::reset)
            co_return peer.reset();
    }
}

Awaitable<> stay_silent(Peer& peer) {
    co_await peer.wait_for_close();
}

} // namespace

ScriptedServer::Script answer(std::string text) {
    return [text = std::move(text)](Peer& peer) { return serve_text(peer, text, After::next); };
}

ScriptedServer::Script answer_and_close(std::string text) {
    return [text = std::move(text)](Peer& peer) { return serve_text(peer, text, After::close); };
}

ScriptedServer::Script answer_and_reset(std::string text) {
    return [text = std::move(text)](Peer& peer) { return serve_text(peer, text, After::reset); };
}

ScriptedServer::Script hang() {
    return [](Peer& peer) { return stay_silent(peer); };
}

std::string http_answer(int status, std::string_view body, std::string_view head) {
    return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), head, body);
}

} // namespace smsbcast::test
