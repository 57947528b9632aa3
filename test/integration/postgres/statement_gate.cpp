#include "statement_gate.hpp"

#include "pg_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace smsbcast::test {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::string_view kFlush{"H\0\0\0\4", 5};

std::uint32_t number(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

// Fields of an ErrorResponse: a letter, a text, a zero.
std::string sqlstate(std::string_view error) {
    for (std::size_t at = 5; at < error.size() && error[at] != '\0'; at = error.find('\0', at) + 1)
        if (error[at] == 'C')
            return std::string(error.substr(at + 1, 5));
    return "?";
}

bool is_step(char type) {
    return type == 'E' || type == 'S' || type == 'Q';
}

} // namespace

std::optional<std::string> PgMessages::next() {
    const std::size_t head = has_type_ ? 1 : 0;
    if (bytes_.size() < head + 4)
        return std::nullopt;
    const auto size = head + number(bytes_, head);
    if (bytes_.size() < size)
        return std::nullopt;
    auto message = bytes_.substr(0, size);
    bytes_.erase(0, size);
    has_type_ = true;
    return message;
}

StatementGate::StatementGate(asio::io_context& io)
    : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), client_(io), server_(io) {
    acceptor_.async_accept(client_, [this](boost::system::error_code error) {
        if (error)
            return;
        server_.connect({asio::ip::address_v4::loopback(), database_port()});
        for (auto* socket : {&client_, &server_})
            socket->set_option(tcp::no_delay(true));
        from_client();
        from_server();
    });
}

std::string StatementGate::url() const {
    return database_url_through(acceptor_.local_endpoint().port());
}

void StatementGate::let(int steps) {
    left_ = steps;
    pass();
}

void StatementGate::open() {
    left_.reset();
    pass();
}

bool StatementGate::holds() const {
    return left_ == 0 && asked_.empty() && !waiting_.empty();
}

void StatementGate::from_client() {
    client_.async_read_some(asio::buffer(client_buffer_), [this](boost::system::error_code error, std::size_t size) {
        if (error)
            return;
        sent_.add({client_buffer_.data(), size});
        while (auto message = sent_.next())
            waiting_.push_back(std::move(*message));
        pass();
        from_client();
    });
}

// The server holds its answers back until the transaction ends, unless it is told to flush them.
void StatementGate::pass() {
    std::string passing;
    for (; !waiting_.empty() && left_ != 0; waiting_.pop_front()) {
        passing += waiting_.front();
        note_sent(waiting_.front().front());
    }
    if (passing.empty())
        return;
    if (!asked_.empty() && asked_.back() == 'E')
        passing += kFlush;
    asio::write(server_, asio::buffer(passing));
}

void StatementGate::note_sent(char type) {
    if (!is_step(type))
        return;
    asked_.push_back(type);
    if (left_)
        --*left_;
}

void StatementGate::from_server() {
    server_.async_read_some(asio::buffer(server_buffer_), [this](boost::system::error_code error, std::size_t size) {
        if (error)
            return;
        answered_.add({server_buffer_.data(), size});
        asio::write(client_, asio::buffer(server_buffer_, size));
        while (const auto message = answered_.next())
            note_answer(*message);
        from_server();
    });
}

// After a failure the server skips the rest of the transaction.
void StatementGate::note_answer(const std::string& message) {
    const char type = message.front();
    if (type == 'K')
        backend_ = static_cast<int>(number(message, 5));
    if (type == 'E')
        failures_.push_back(sqlstate(message));
    if (type == 'E' || type == 'Z')
        while (!asked_.empty() && asked_.front() == 'E')
            asked_.pop_front();
    const bool executed = type == 'C' && !asked_.empty() && asked_.front() == 'E';
    const bool ended = type == 'Z' && !asked_.empty();
    if (executed || ended)
        asked_.pop_front();
}

} // namespace smsbcast::test
