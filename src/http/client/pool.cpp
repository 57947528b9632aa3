#include "pool.hpp"

#include "request_text.hpp"
#include "smsbcast/base/log.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace smsbcast::http {

namespace {

// A wrong number must neither keep every exchange waiting nor use up the process's descriptors.
ClientOptions completed(ClientOptions options) {
    options.connections = std::clamp<std::size_t>(options.connections, 1, 4096);
    if (options.host_header.empty()) {
        const bool is_v6 = options.host.find(':') != std::string::npos;
        options.host_header = is_v6 ? fmt::format("[{}]:{}", options.host, options.port)
                                    : fmt::format("{}:{}", options.host, options.port);
    }
    return options;
}

ClientError not_sent(std::string_view code, std::string_view message) {
    return {ClientFailure::not_sent, std::string(code), std::string(message)};
}

} // namespace

Client::Pool::Pool(asio::io_context& shard, ClientOptions options, StreamFactory streams)
    : shard_(shard), options_(completed(std::move(options))), make_stream_(std::move(streams)),
      addresses_(shard, options_.host, options_.port, options_.address_lifetime), reuse_(options_.settle),
      alarm_(shard) {}

Awaitable<ClientExchange> Client::Pool::exchange(ClientRequest request, Deadline deadline) {
    const auto self = shared_from_this();
    // A line break in a header would begin another field or another request. Refusing here is
    // certain: nothing was sent.
    if (!is_well_formed(request))
        co_return ClientExchange{not_sent("invalid_request", "a part of the request holds a forbidden character")};
    Connection* connection = take_free();
    if (!connection && !closed_)
        connection = co_await wait_for_free(deadline);
    // From here on the connection goes back whatever happens, also when the coroutine is destroyed.
    const Seat seat(*this, connection);
    if (closed_)
        co_return ClientExchange{not_sent("closed", "the client is closed")};
    if (!connection)
        co_return ClientExchange{not_sent("timeout", "no connection was free in time")};
    for (;;) {
        auto before = connection->kept(Deadline::Clock::now());
        // This loop runs once as a rule. It runs again only when an old connection turned out to be
        // closed before it took a byte of the request.
        auto use = use_again(*connection, before);
        if (use == ReusePolicy::Use::settle)
            use = co_await settle(*connection, before);
        const bool fresh = !connection->is_open();
        std::optional<ClientError> failure;
        if (fresh)
            failure = co_await connect(*connection, deadline);
        if (!failure && deadline.passed())
            failure = not_sent("timeout", "no connection was ready in time");
        // Waiting for a connection may have taken long. Past this time the caller's right to send
        // has ended, although the deadline for an answer has not.
        if (!failure && request.start_before.passed())
            failure = not_sent(kTooLate, "no connection was ready before it was too late to begin");
        if (failure) {
            reuse_.end(use, before, ReusePolicy::Outcome::other, Deadline::Clock::now());
            co_return ClientExchange{std::move(*failure)};
        }
        end_at(*connection, deadline.at());
        auto exchange = co_await connection->converse(request);
        learn(*connection, use, before, exchange);
        const auto* error = std::get_if<ClientError>(&exchange.result);
        // Where the peer closed it between the look and the write, the socket took nothing, and the
        // request is still ours to send on another connection.
        if (fresh || !error || error->failure != ClientFailure::not_sent || deadline.passed())
            co_return exchange;
    }
}

// It begins the use of the connection that is allowed, and closes the connection when none is.
ReusePolicy::Use Client::Pool::use_again(Connection& connection, ReusePolicy::Kept kept) {
    if (!connection.is_open())
        return ReusePolicy::Use::none;
    const auto now = Deadline::Clock::now();
    if (connection.is_stale()) {
        reuse_.found_closed(kept, now);
        connection.close();
        return ReusePolicy::Use::none;
    }
    const auto use = reuse_.judge(kept, now);
    if (use == ReusePolicy::Use::none)
        connection.drop();
    reuse_.begin(use);
    return use;
}

// Where no other connection is to be had, the first that is used again is waited for. Otherwise it
// would never come to a trial under full load, and every request would pay for a connection of its
// own.
Awaitable<ReusePolicy::Use> Client::Pool::settle(Connection& connection, ReusePolicy::Kept& kept) {
    asio::steady_timer timer(shard_, options_.settle - kept.idle);
    co_await timer.async_wait(runtime::use_result);
    kept = connection.kept(Deadline::Clock::now());
    if (connection.is_open() && !connection.is_stale())
        co_return ReusePolicy::Use::trial;
    reuse_.end(ReusePolicy::Use::trial, kept, ReusePolicy::Outcome::other, Deadline::Clock::now());
    reuse_.found_closed(kept, Deadline::Clock::now());
    connection.close();
    co_return ReusePolicy::Use::none;
}

void Client::Pool::learn(const Connection& connection, ReusePolicy::Use use, ReusePolicy::Kept before,
                         const ClientExchange& exchange) {
    // A connection that we cut ourselves says nothing about the peer.
    const auto outcome = cut_ ? ReusePolicy::Outcome::other : connection.outcome(exchange);
    if (reuse_.end(use, before, outcome, Deadline::Clock::now()))
        log::warn("kept_connection_lost", {{"host", options_.host_header}, {"answers", before.answers}});
}

bool Client::Pool::is_usable(const Connection& connection) const {
    const auto now = Deadline::Clock::now();
    const auto use = reuse_.judge(connection.kept(now), now);
    return use != ReusePolicy::Use::none && use != ReusePolicy::Use::settle;
}

// The connection used last is the least likely to have been closed. The one that has lain longest
// is tried first where nobody knows yet whether connections are kept.
Connection* Client::Pool::take_idle() {
    Connection* taken = nullptr;
    if (!idle_.empty() && is_usable(*idle_.back())) {
        taken = idle_.back();
        idle_.pop_back();
    } else if (!idle_.empty() && is_usable(*idle_.front())) {
        taken = idle_.front();
        idle_.pop_front();
    }
    return taken;
}

Connection* Client::Pool::take_free() {
    // Whoever asks now stands behind those who wait already.
    if (closed_ || !waiters_.empty())
        return nullptr;
    if (auto* const connection = take_idle())
        return connection;
    // A closed connection keeps its buffers, so using its object again spares their allocation.
    if (!unused_.empty()) {
        auto* const connection = unused_.back();
        unused_.pop_back();
        return connection;
    }
    if (connections_.size() < options_.connections)
        return connections_.emplace_back(std::make_unique<Connection>(shard_, options_, make_stream_)).get();
    if (idle_.empty())
        return nullptr;
    auto* const connection = idle_.back();
    idle_.pop_back();
    return connection;
}

Awaitable<Connection*> Client::Pool::wait_for_free(Deadline deadline) {
    Waiter waiter{asio::steady_timer(shard_, deadline.at())};
    const auto place = waiters_.insert(waiters_.end(), &waiter);
    // take_back() cancels the timer when it gives a connection; otherwise the deadline ends the
    // wait.
    co_await waiter.timer.async_wait(runtime::use_result);
    if (!waiter.given)
        waiters_.erase(place);
    co_return waiter.given;
}

void Client::Pool::take_back(Connection& connection) {
    if (closed_ || connection.kept_for() <= std::chrono::milliseconds(0))
        connection.close();
    // A connection that may not be used again is kept only to be tried later, for which one is
    // enough: an idle connection costs the peer something as well.
    const auto usable = [this](const Connection* other) { return is_usable(*other); };
    if (connection.is_open() && !is_usable(connection) && !std::ranges::all_of(idle_, usable))
        connection.drop();
    if (connection.is_open())
        end_at(connection, Deadline::Clock::now() + connection.kept_for());
    // The connection passes directly to whoever has waited longest, so that a newcomer cannot
    // overtake.
    if (!waiters_.empty() && !closed_) {
        auto* const waiter = waiters_.front();
        waiters_.pop_front();
        waiter->given = &connection;
        waiter->timer.cancel();
    } else if (connection.is_open()) {
        idle_.push_back(&connection);
    } else {
        unused_.push_back(&connection);
    }
    rest_when_closed();
}

// A timer that nobody needs any more would keep the shard's loop from ending.
void Client::Pool::rest_when_closed() {
    if (closed_ && unused_.size() == connections_.size())
        alarm_.cancel();
}

Awaitable<std::optional<ClientError>> Client::Pool::connect(Connection& connection, Deadline deadline) {
    // The name's look-up shares the time to connect: a slow name server must not double it.
    const auto until = earlier(deadline, Deadline::after(options_.connect_timeout));
    auto found = co_await addresses_.find(until);
    if (const auto* failure = std::get_if<AddressBook::Failure>(&found))
        co_return *failure == AddressBook::Failure::timeout
            ? not_sent("name_lookup", "the name look-up did not end in time")
            : not_sent("name_lookup", "the host name is not known");
    auto& endpoints = std::get<std::vector<AddressBook::Endpoint>>(found);
    co_return co_await try_each(connection, std::move(endpoints), until);
}

Awaitable<std::optional<ClientError>> Client::Pool::try_each(Connection& connection,
                                                             std::vector<AddressBook::Endpoint> endpoints,
                                                             Deadline deadline) {
    std::optional<ClientError> failure = not_sent("connect_timeout", "no connection was made in time");
    for (std::size_t i = 0; i < endpoints.size() && !deadline.passed() && !cut_; ++i) {
        // Each address gets its share of the time that is left, so that one that swallows packets
        // does not hide the others.
        const auto share = deadline.left() / static_cast<int>(endpoints.size() - i);
        end_at(connection, Deadline::Clock::now() + share);
        auto outcome = co_await connection.connect(endpoints[i]);
        if (!outcome)
            co_return std::nullopt;
        // A host without IPv6 refuses those addresses at once. Their "unreachable" would hide the
        // reason that matters.
        if (i == 0 || outcome->code != "unreachable")
            failure = std::move(outcome);
    }
    // None of them answered, so the name may lead elsewhere by now.
    addresses_.forget();
    if (cut_)
        failure = not_sent("closed", "the client is closed");
    co_return failure;
}

void Client::Pool::close() {
    closed_ = true;
    for (auto* connection : idle_) {
        connection->close();
        unused_.push_back(connection);
    }
    idle_.clear();
    // They wake up without a connection and answer "closed".
    for (auto* waiter : waiters_)
        waiter->timer.cancel();
    rest_when_closed();
}

void Client::Pool::cut() {
    cut_ = true;
    close();
    addresses_.give_up();
    for (const auto& connection : connections_)
        connection->close();
}

void Client::Pool::end_at(Connection& connection, Connection::Time at) {
    connection.ends_at = at;
    // A later deadline leaves the timer alone; on_alarm() finds it then. So the timer is set about
    // once per timeout and not once per exchange.
    if (at < alarm_at_)
        set_alarm(at);
}

void Client::Pool::set_alarm(Connection::Time at) {
    alarm_at_ = at;
    alarm_.expires_at(at);
    // The timer may fire while the pool is being destroyed.
    alarm_.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
        const auto self = weak.lock();
        if (self && !ec)
            self->on_alarm();
    });
}

void Client::Pool::on_alarm() {
    const auto now = Deadline::Clock::now();
    auto next = Connection::Time::max();
    for (const auto& connection : connections_) {
        if (connection->ends_at <= now)
            connection->expire();
        next = std::min(next, connection->ends_at);
    }
    std::erase_if(idle_, [&](Connection* connection) {
        if (!connection->is_open())
            unused_.push_back(connection);
        return !connection->is_open();
    });
    alarm_at_ = Connection::Time::max();
    if (next != Connection::Time::max())
        set_alarm(next);
}

} // namespace smsbcast::http
