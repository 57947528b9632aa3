#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <string>
#include <thread>

namespace smsbcast::test::queue {

/// Stands between a client and the broker and does what networks do. Listens on a port of 127.0.0.1.
class Gate {
public:
    explicit Gate(std::uint16_t broker_port);
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    ~Gate();

    std::uint16_t port() const { return port_; }

    int connections() const { return connections_; }

    /// Bytes that way stay where they are, and the sender's buffers fill up; the connections stay.
    void hold_to_broker(bool hold) { hold_to_broker_ = hold; }
    void hold_to_client(bool hold) { hold_to_client_ = hold; }

    /// Ends every connection, and each new one at once.
    void shut(bool shut) { shut_ = shut; }

private:
    struct Way {
        int from;
        int to;
        std::string bytes;
    };
    struct Pair {
        Way to_broker;
        Way to_client;
    };

    void run();
    void accept_one();
    bool move(Way& way, bool hold);

    std::uint16_t broker_port_;
    int listener_;
    std::uint16_t port_ = 0;
    std::list<Pair> pairs_;
    std::atomic<int> connections_{0};
    std::atomic<bool> hold_to_broker_{false};
    std::atomic<bool> hold_to_client_{false};
    std::atomic<bool> shut_{false};
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

} // namespace smsbcast::test::queue
