#include "masked_stream.hpp"

#include <algorithm>
#include <cstring>

namespace smsbcast::test {

namespace {

void mask_in_place(void* data, std::size_t size) {
    auto* const bytes = static_cast<char*>(data);
    std::transform(bytes, bytes + size, bytes, [](char byte) { return static_cast<char>(~byte); });
}

} // namespace

std::string mask(std::string_view bytes) {
    std::string masked(bytes);
    mask_in_place(masked.data(), masked.size());
    return masked;
}

http::Awaitable<http::ByteStream::Error> MaskedStream::handshake() {
    if (handshake_ == Handshake::refused)
        co_return http::asio::error::access_denied;
    if (handshake_ == Handshake::at_once)
        co_return Error{};
    char byte;
    const auto space = http::asio::buffer(&byte, 1);
    const auto [error, size] = co_await TcpStream::read_some(space);
    co_return error;
}

http::Awaitable<http::ByteStream::Transfer> MaskedStream::read_some(http::asio::mutable_buffer space) {
    const auto [error, size] = co_await TcpStream::read_some(space);
    mask_in_place(space.data(), size);
    co_return Transfer{error, size};
}

http::Awaitable<http::ByteStream::Transfer> MaskedStream::write_some(http::asio::const_buffer bytes) {
    const auto masked = mask({static_cast<const char*>(bytes.data()), bytes.size()});
    const auto buffer = http::asio::buffer(masked);
    const auto result = co_await TcpStream::write_some(buffer);
    co_return result;
}

http::ByteStream::Transfer MaskedStream::try_read(http::asio::mutable_buffer space) {
    const auto result = TcpStream::try_read(space);
    mask_in_place(space.data(), std::get<1>(result));
    return result;
}

http::ByteStream::Transfer MaskedStream::try_write(http::asio::const_buffer bytes) {
    return TcpStream::try_write(http::asio::buffer(mask({static_cast<const char*>(bytes.data()), bytes.size()})));
}

} // namespace smsbcast::test
