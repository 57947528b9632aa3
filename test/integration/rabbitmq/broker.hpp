#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::test::queue {

/// The tests' own view of the broker at AMQP_URL, over a plain connection. Every failure fails the test.
class Broker {
public:
    Broker();
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;
    ~Broker();

    void publish(std::string_view exchange, std::string_view key, std::string_view body);
    void declare_classic_queue(std::string_view queue);
    void delete_queue(std::string_view queue);
    void delete_exchange(std::string_view exchange);

    /// Takes the next message off the queue; empty when there is none.
    std::string take(std::string_view queue);

    /// Takes `count`, waiting for them.
    std::vector<std::string> take_all(std::string_view queue, std::size_t count);

private:
    struct State;
    State* state_;
};

/// Its value; a failure of the test when it is not set.
std::string required_environment(const char* name);

std::string amqp_url();

/// The same server and user through another port, such as a gate's.
std::string amqp_url_through(std::uint16_t port);

std::uint16_t amqp_port();

/// Runs the broker's own command-line tool, as `scripts/servers rabbitmqctl` does.
void rabbitmqctl(const std::string& arguments);

} // namespace smsbcast::test::queue
