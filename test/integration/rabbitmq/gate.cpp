#include "gate.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cerrno>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace smsbcast::test::queue {

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

const sockaddr* plain(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

} // namespace

Gate::Gate(std::uint16_t broker_port)
    : broker_port_(broker_port), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto address = loopback(0);
    REQUIRE(::bind(listener_, plain(address), sizeof address) == 0);
    REQUIRE(::listen(listener_, 16) == 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

Gate::~Gate() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
}

void Gate::run() {
    while (!stop_) {
        std::vector<pollfd> fds{{listener_, POLLIN, 0}};
        for (const auto& pair : pairs_) {
            fds.push_back({hold_to_broker_ ? -1 : pair.to_broker.from, POLLIN, 0});
            fds.push_back({hold_to_client_ ? -1 : pair.to_client.from, POLLIN, 0});
        }
        ::poll(fds.data(), fds.size(), 5);
        if (fds[0].revents != 0)
            accept_one();
        for (auto pair = pairs_.begin(); pair != pairs_.end();) {
            const bool alive =
                !shut_ && !stop_ && move(pair->to_broker, hold_to_broker_) && move(pair->to_client, hold_to_client_);
            const auto here = pair++;
            if (alive)
                continue;
            ::close(here->to_broker.from);
            ::close(here->to_broker.to);
            pairs_.erase(here);
        }
        connections_ = static_cast<int>(pairs_.size());
    }
    for (const auto& pair : pairs_) {
        ::close(pair.to_broker.from);
        ::close(pair.to_broker.to);
    }
}

void Gate::accept_one() {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int broker = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(broker_port_);
    if (shut_ || ::connect(broker, plain(address), sizeof address) != 0) {
        ::close(client);
        ::close(broker);
        return;
    }
    pairs_.push_back({{client, broker, {}}, {broker, client, {}}});
}

bool Gate::move(Way& way, bool hold) {
    if (hold)
        return true;
    if (way.bytes.empty()) {
        std::array<char, 65536> piece;
        const auto count = ::recv(way.from, piece.data(), piece.size(), MSG_DONTWAIT);
        if (count <= 0)
            return count < 0 && errno == EAGAIN;
        way.bytes.assign(piece.data(), static_cast<std::size_t>(count));
    }
    const auto sent = ::send(way.to, way.bytes.data(), way.bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN;
    way.bytes.erase(0, static_cast<std::size_t>(sent));
    return true;
}

} // namespace smsbcast::test::queue
