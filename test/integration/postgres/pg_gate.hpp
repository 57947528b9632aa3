#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <thread>

namespace smsbcast::test {

/// Stands between a client and the PostgreSQL of DATABASE_URL, on a port of 127.0.0.1, and cuts connections at a word.
class PgGate {
public:
    PgGate();
    ~PgGate();
    PgGate(const PgGate&) = delete;
    PgGate& operator=(const PgGate&) = delete;

    /// DATABASE_URL, but through this gate.
    std::string url() const;

    enum class When {
        before, ///< the server never sees what holds the word
        after,  ///< the server sees it, the client no answer to it
    };
    /// The next time that a client sends this word, its connection ends. Once.
    void cut_at(std::string word, When when);

    /// How often it did.
    int cuts() const { return cuts_; }

    /// Nothing passes any more, in neither direction, while this is on; connections are accepted.
    void hold(bool hold) { hold_ = hold; }

    /// What passes takes so long, each piece in each direction.
    void delay(std::chrono::milliseconds time) { delay_ = time; }

private:
    struct Pair {
        int client;
        int server;
        bool over = false;
    };
    void run();
    void accept_one();
    void to_server(Pair& pair);
    void to_client(Pair& pair);

    std::string word_;
    When when_ = When::before;
    std::atomic<bool> armed_ = false; ///< publishes the two above
    std::atomic<int> cuts_ = 0;
    std::atomic<bool> hold_ = false;
    std::atomic<std::chrono::milliseconds> delay_{};
    std::atomic<bool> stop_ = false;
    int listener_;
    std::uint16_t port_ = 0;
    std::list<Pair> pairs_;
    std::thread thread_;
};

} // namespace smsbcast::test
