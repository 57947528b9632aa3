#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smsbcast::test {

/// Bytes of one direction of PostgreSQL's protocol, cut into messages (manual, 55.7).
class PgMessages {
public:
    /// The first message of a client has no byte that tells its type.
    explicit PgMessages(bool begins_with_type) : has_type_(begins_with_type) {}

    void add(std::string_view bytes) { bytes_ += bytes; }

    /// The next whole one, with its head.
    std::optional<std::string> next();

private:
    bool has_type_;
    std::string bytes_;
};

/// Stands between one client and the PostgreSQL of DATABASE_URL and lets its transactions through step by step. A step
/// is what the server carries out: a statement (Execute), the end of a transaction, which commits it (Sync), a simple
/// query. The client sends a transaction in one go and notices nothing. Runs on the client's loop; what passes at once
/// must be small, since it is written without waiting.
class StatementGate {
public:
    explicit StatementGate(boost::asio::io_context& io);

    /// DATABASE_URL, but through this gate.
    std::string url() const;

    /// From now on that many steps pass, and what the next one begins with waits.
    void let(int steps);

    /// Everything passes, also what waits.
    void open();

    /// What was let through is carried out, and something waits.
    bool holds() const;

    /// The server's process for this client.
    int backend() const { return backend_; }

    /// SQLSTATEs of what failed since this was asked last.
    std::vector<std::string> take_failures() { return std::exchange(failures_, {}); }

private:
    using Socket = boost::asio::ip::tcp::socket;
    using Buffer = std::array<char, 16384>;
    void from_client();
    void from_server();
    void pass();
    void note_sent(char type);
    void note_answer(const std::string& message);

    boost::asio::ip::tcp::acceptor acceptor_;
    Socket client_, server_;
    Buffer client_buffer_{}, server_buffer_{};
    PgMessages sent_{false}, answered_{true};
    std::deque<std::string> waiting_;
    std::deque<char> asked_; ///< steps that passed and have no answer yet
    std::optional<int> left_;
    int backend_ = 0;
    std::vector<std::string> failures_;
};

} // namespace smsbcast::test
