#include "server_peer.hpp"

#include "support/patience.hpp"

#include <cctype>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace smsbcast::test {

namespace {

constexpr timeval kTimeout{kPatience.count(), 0};

HttpAnswer parse_head(std::string_view head) {
    HttpAnswer answer;
    answer.status = std::stoi(std::string(head.substr(9, 3)));
    head.remove_prefix(head.find("\r\n") + 2);
    while (!head.starts_with("\r\n")) {
        const auto line = head.substr(0, head.find("\r\n"));
        const auto colon = line.find(": ");
        std::string name(line.substr(0, colon));
        for (auto& c : name)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        answer.headers[name] = line.substr(colon + 2);
        head.remove_prefix(line.size() + 2);
    }
    return answer;
}

} // namespace

TransportClient::TransportClient(Unconnected) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);
}

TransportClient::TransportClient(std::uint16_t port) : TransportClient(unconnected) {
    connect(port);
}

void TransportClient::connect(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect");
}

TransportClient::TransportClient(TransportClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), buffer_(std::move(other.buffer_)), reset_(other.reset_) {}

TransportClient::~TransportClient() {
    if (socket_ >= 0)
        ::close(socket_);
}

bool TransportClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            reset_ = true;
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool TransportClient::fill() {
    char piece[65536];
    const auto size = ::recv(socket_, piece, sizeof piece, 0);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        throw std::runtime_error("the server said nothing for two minutes");
    reset_ = reset_ || size < 0;
    if (size > 0)
        buffer_.append(piece, static_cast<std::size_t>(size));
    return size > 0;
}

std::optional<HttpAnswer> TransportClient::receive(bool head_only) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
        if (!fill())
            return std::nullopt;
    end += 4;
    auto answer = parse_head(std::string_view(buffer_).substr(0, end));
    const auto length = answer.headers.find("content-length");
    std::size_t size = length == answer.headers.end() || head_only ? 0 : std::stoul(length->second);
    if (answer.headers.count("transfer-encoding") > 0 && !head_only) {
        std::size_t last = 0;
        while ((last = buffer_.find("\r\n0\r\n\r\n", end - 2)) == std::string::npos)
            if (!fill())
                return std::nullopt;
        size = last + 7 - end;
    }
    while (buffer_.size() < end + size)
        if (!fill())
            return std::nullopt;
    answer.body = buffer_.substr(end, size);
    buffer_.erase(0, end + size);
    return answer;
}

bool TransportClient::at_end() {
    return buffer_.empty() && !fill();
}

void TransportClient::finish_sending() {
    ::shutdown(socket_, SHUT_WR);
}

std::optional<HttpAnswer> TransportClient::get(std::string_view target) {
    return exchange("GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
}

std::optional<HttpAnswer> TransportClient::post(std::string_view target, std::string_view body,
                                                std::string_view content_type) {
    std::string request = "POST " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n";
    if (!content_type.empty())
        request += "Content-Type: " + std::string(content_type) + "\r\n";
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    send(request.append(body));
    return receive();
}

} // namespace smsbcast::test
