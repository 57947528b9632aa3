#pragma once

#include "address_book.hpp"
#include "connection.hpp"
#include "reuse_policy.hpp"

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <list>
#include <memory>
#include <vector>

namespace smsbcast::http {

/// The connections of one client, and the callers that wait for one. All deadlines of connections
/// share one timer: it is set only when a deadline earlier than its own comes up, which with equal
/// timeouts is once per timeout and not once per exchange.
class Client::Pool : public std::enable_shared_from_this<Client::Pool> {
public:
    Pool(asio::io_context& shard, ClientOptions options, StreamFactory streams);

    Awaitable<ClientExchange> exchange(ClientRequest request, Deadline deadline);
    void close();
    void cut();

private:
    struct Waiter {
        asio::steady_timer timer;
        Connection* given = nullptr;
    };

    /// A connection in use; goes back when the exchange ends.
    class Seat {
    public:
        Seat(Pool& pool, Connection* connection) : pool_(pool), connection_(connection) {}
        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;
        ~Seat() {
            if (connection_)
                pool_.take_back(*connection_);
        }

    private:
        Pool& pool_;
        Connection* connection_;
    };

    Connection* take_free();
    Connection* take_idle();
    bool is_usable(const Connection& connection) const;
    ReusePolicy::Use use_again(Connection& connection, ReusePolicy::Kept kept);
    Awaitable<ReusePolicy::Use> settle(Connection& connection, ReusePolicy::Kept& kept);
    void learn(const Connection& connection, ReusePolicy::Use use, ReusePolicy::Kept before,
               const ClientExchange& exchange);
    Awaitable<Connection*> wait_for_free(Deadline deadline);
    void take_back(Connection& connection);
    Awaitable<std::optional<ClientError>> connect(Connection& connection, Deadline deadline);
    Awaitable<std::optional<ClientError>> try_each(Connection& connection, std::vector<AddressBook::Endpoint> endpoints,
                                                   Deadline deadline);

    void rest_when_closed();

    void end_at(Connection& connection, Connection::Time at);
    void set_alarm(Connection::Time at);
    void on_alarm();

    asio::io_context& shard_;
    const ClientOptions options_;
    const StreamFactory make_stream_;
    AddressBook addresses_;
    bool closed_ = false;
    bool cut_ = false;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::deque<Connection*> idle_;    // open; the one used last is at the back
    std::vector<Connection*> unused_; // not open
    std::list<Waiter*> waiters_;
    ReusePolicy reuse_;
    asio::steady_timer alarm_;
    Connection::Time alarm_at_ = Connection::Time::max();
};

} // namespace smsbcast::http
