#pragma once

#include "smsbcast/http/byte_stream.hpp"

namespace smsbcast::http {

/// The socket itself. No operation costs more than the socket's own: nothing here is a coroutine but handshake().
class TcpStream : public ByteStream {
public:
    explicit TcpStream(Socket socket);

    Awaitable<Error> handshake() override;
    Awaitable<Transfer> read_some(asio::mutable_buffer space) override;
    Awaitable<Transfer> write_some(asio::const_buffer bytes) override;
    Awaitable<std::tuple<Error>> wait_readable() override;
    Transfer try_read(asio::mutable_buffer space) override;
    Transfer try_write(asio::const_buffer bytes) override;
    Unread unread() override;
    std::chrono::milliseconds age_of_silent() override;
    asio::ip::address peer() const override;
    void end_sending() override;
    void cancel() override;
    void close() override;
    void reset() override;
    bool is_open() const override { return socket_.is_open(); }

private:
    Socket socket_;
};

} // namespace smsbcast::http
