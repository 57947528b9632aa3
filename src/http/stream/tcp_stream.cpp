#include "tcp_stream.hpp"

#include "tcp_info.hpp"

namespace smsbcast::http {

TcpStream::TcpStream(Socket socket) : socket_(std::move(socket)) {
    Error ignored; // a peer that is gone already is noticed at the first read or write
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
}

Awaitable<ByteStream::Error> TcpStream::handshake() {
    co_return Error{};
}

Awaitable<ByteStream::Transfer> TcpStream::read_some(asio::mutable_buffer space) {
    return socket_.async_read_some(space, runtime::use_result);
}

Awaitable<ByteStream::Transfer> TcpStream::write_some(asio::const_buffer bytes) {
    return socket_.async_write_some(bytes, runtime::use_result);
}

Awaitable<std::tuple<ByteStream::Error>> TcpStream::wait_readable() {
    return socket_.async_wait(asio::socket_base::wait_read, runtime::use_result);
}

ByteStream::Transfer TcpStream::try_read(asio::mutable_buffer space) {
    Error error;
    const auto size = socket_.read_some(space, error);
    return {error, size};
}

ByteStream::Transfer TcpStream::try_write(asio::const_buffer bytes) {
    Error error;
    const auto size = socket_.write_some(bytes, error);
    return {error, size};
}

ByteStream::Unread TcpStream::unread() {
    char byte;
    Error error;
    socket_.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error);
    if (error == asio::error::would_block)
        return Unread::nothing;
    return error ? Unread::ended : Unread::bytes;
}

// The last that came from a silent client is the end of its handshake.
std::chrono::milliseconds TcpStream::age_of_silent() {
    return std::chrono::milliseconds(info_of(socket_.native_handle()).tcpi_last_ack_recv);
}

asio::ip::address TcpStream::peer() const {
    Error ignored;
    return socket_.remote_endpoint(ignored).address();
}

void TcpStream::end_sending() {
    Error ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void TcpStream::cancel() {
    Error ignored;
    socket_.cancel(ignored);
}

void TcpStream::close() {
    Error ignored;
    socket_.close(ignored);
}

void TcpStream::reset() {
    Error ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
}

std::unique_ptr<ByteStream> make_tcp_stream(Socket socket) {
    return std::make_unique<TcpStream>(std::move(socket));
}

} // namespace smsbcast::http
