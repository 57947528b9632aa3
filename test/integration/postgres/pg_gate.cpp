#include "pg_gate.hpp"

#include "pg_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace smsbcast::test {

namespace {

sockaddr_in local(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string receive(int socket) {
    std::array<char, 16384> buffer{};
    const auto got = ::recv(socket, buffer.data(), buffer.size(), 0);
    return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : std::string();
}

} // namespace

PgGate::PgGate() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto address = local(0);
    socklen_t length = sizeof address;
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, plain, length) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, plain, &length) != 0)
        throw std::runtime_error("no port for the gate");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

PgGate::~PgGate() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
}

std::string PgGate::url() const {
    return database_url_through(port_);
}

void PgGate::cut_at(std::string word, When when) {
    word_ = std::move(word);
    when_ = when;
    armed_ = true;
}

void PgGate::accept_one() {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = local(database_port());
    const bool connected = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    pairs_.push_back({client, server, !connected});
}

// A query's text arrives in one piece here: the words looked for stand in short messages of their own.
void PgGate::to_server(Pair& pair) {
    const auto bytes = receive(pair.client);
    const bool cut = armed_ && bytes.find(word_) != std::string::npos;
    if (cut)
        armed_ = false;
    const bool passes = !bytes.empty() && !(cut && when_ == When::before);
    const bool sent = passes && send_all(pair.server, bytes);
    pair.over = cut || !sent;
    if (cut)
        ++cuts_;
}

void PgGate::to_client(Pair& pair) {
    const auto bytes = receive(pair.server);
    pair.over = bytes.empty() || !send_all(pair.client, bytes);
}

void PgGate::run() {
    while (!stop_) {
        std::vector<pollfd> sockets{{listener_, POLLIN, 0}};
        for (const auto& pair : pairs_)
            for (const int socket : {pair.client, pair.server})
                sockets.push_back({socket, static_cast<short>(hold_ ? 0 : POLLIN), 0});
        ::poll(sockets.data(), sockets.size(), 10);
        std::size_t at = 1;
        for (auto& pair : pairs_) {
            const bool from_client = sockets[at++].revents != 0, from_server = sockets[at++].revents != 0;
            if (hold_)
                continue;
            if (from_client || from_server)
                std::this_thread::sleep_for(delay_.load());
            if (from_client)
                to_server(pair);
            if (from_server && !pair.over)
                to_client(pair);
        }
        if (sockets[0].revents != 0)
            accept_one();
        pairs_.remove_if([](const Pair& pair) {
            if (pair.over)
                ::close(pair.client), ::close(pair.server);
            return pair.over;
        });
    }
    for (const auto& pair : pairs_)
        ::close(pair.client), ::close(pair.server);
}

} // namespace smsbcast::test
