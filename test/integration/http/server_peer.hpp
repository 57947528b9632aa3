#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::test {

struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string> headers; ///< names in lower case
    std::string body;
};

/// A blocking connection to 127.0.0.1 that sends and receives bytes as they are. Every wait ends after two minutes, as
/// a failed test.
class TransportClient {
public:
    explicit TransportClient(std::uint16_t port);
    struct Unconnected {};
    static constexpr Unconnected unconnected{};
    explicit TransportClient(Unconnected);
    void connect(std::uint16_t port);
    TransportClient(TransportClient&& other) noexcept;
    ~TransportClient();

    /// False when the peer has reset the connection.
    bool send(std::string_view bytes);

    /// One whole answer by its Content-Length (none: no body), or by its chunks, which are left as they came. Nothing
    /// when the connection ends before it is whole; partial() holds what came then.
    std::optional<HttpAnswer> receive(bool head_only = false);
    const std::string& partial() const { return buffer_; }

    /// The peer has nothing more to say: its end of the connection, or a reset, comes next.
    bool at_end();
    bool was_reset() const { return reset_; }

    /// Sends nothing more.
    void finish_sending();

    std::optional<HttpAnswer> exchange(std::string_view request) {
        send(request);
        return receive();
    }
    std::optional<HttpAnswer> get(std::string_view target);
    std::optional<HttpAnswer> post(std::string_view target, std::string_view body,
                                   std::string_view content_type = "application/json");

private:
    bool fill();

    int socket_ = -1;
    std::string buffer_;
    bool reset_ = false;
};

} // namespace smsbcast::test
