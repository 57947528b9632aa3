#pragma once

#include "http/stream/tcp_stream.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::test {

/// Every byte with its bits turned over.
std::string mask(std::string_view bytes);

/// A stream whose bytes on the wire are not those of HTTP, so that whoever goes past it is found out.
class MaskedStream final : public http::TcpStream {
public:
    enum class Handshake {
        at_once,
        by_first_byte, ///< waits for one byte of the peer
        refused,
    };

    MaskedStream(http::Socket socket, Handshake handshake) : TcpStream(std::move(socket)), handshake_(handshake) {}

    http::Awaitable<Error> handshake() override;
    http::Awaitable<Transfer> read_some(http::asio::mutable_buffer space) override;
    http::Awaitable<Transfer> write_some(http::asio::const_buffer bytes) override;
    Transfer try_read(http::asio::mutable_buffer space) override;
    Transfer try_write(http::asio::const_buffer bytes) override;

private:
    Handshake handshake_;
};

} // namespace smsbcast::test
