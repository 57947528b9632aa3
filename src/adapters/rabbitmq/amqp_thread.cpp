#include "amqp_thread.hpp"

#include "ticket_body.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/base/random.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>

#include <pthread.h>

namespace smsbcast::adapters::rabbitmq {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// A connection that is being replaced is worth a polite end, but not more than a second of the
// outage.
constexpr auto kCloseBudget = 1000ms;
// At a stop there is more time, because closing the channel in order is what makes sure that the
// last acknowledgements count: the broker answers channel.close only after it has processed what
// came before it.
constexpr auto kStopBudget = 3000ms;
// A broker that sends without pause must not keep the commands and the stop signal waiting.
constexpr int kFramesPerTurn = 1000;
// Causes of an outage that differ in each attempt (a port number in the text) must neither fill the
// log nor this set.
constexpr std::size_t kMaxReported = 8;

// rabbitmq-c sends and checks heartbeats only inside of its wait for a frame, so that call has to
// come at least three times per heartbeat.
std::chrono::milliseconds poll_interval(std::chrono::milliseconds heartbeat) {
    return std::clamp<std::chrono::milliseconds>(heartbeat / 3, 1ms, 1000ms);
}

std::chrono::milliseconds watch_interval(std::chrono::milliseconds call_timeout) {
    return std::clamp<std::chrono::milliseconds>(call_timeout / 8, 1ms, 1000ms);
}

} // namespace

/// Callbacks on the shard may touch this even when the AmqpThread is gone.
struct AmqpThread::Shared {
    Shared(asio::io_context& shard, std::chrono::milliseconds call_timeout)
        : watch(call_timeout), interval(watch_interval(call_timeout)), tick(shard), changed(shard) {}

    CallWatch watch;
    const std::chrono::milliseconds interval;
    asio::steady_timer tick;
    runtime::Wakeup changed;
    bool finished = false;
};

AmqpThread::AmqpThread(asio::io_context& shard, Options options, Link& link)
    : options_(std::move(options)), link_(link), shard_(shard),
      shared_(std::make_shared<Shared>(shard, options_.call_timeout)), mailbox_(options_.max_commands),
      contents_(kMaxTicketBody) {
    keep_watch(shared_);
    thread_ = std::thread([this] { run(); });
}

AmqpThread::~AmqpThread() {
    shared_->tick.cancel();
    if (!thread_.joinable())
        return;
    // The owner did not call stop(), so nobody waits for a polite end: the socket is cut, and only
    // a name lookup can still hold the thread.
    request_stop(Deadline(Deadline::Clock::now()));
    shared_->watch.cut_for_good();
    thread_.join();
}

void AmqpThread::keep_watch(const std::shared_ptr<Shared>& shared) {
    shared->tick.expires_after(shared->interval);
    // The shard's timer watches the thread, since the thread itself hangs in the call that has to
    // be cut.
    shared->tick.async_wait([shared](const boost::system::error_code& ec) {
        if (ec || shared->finished)
            return;
        if (shared->watch.check(Deadline::Clock::now()))
            log::warn("amqp_call_cut", {{"reason", "a library call took too long"}});
        keep_watch(shared);
    });
}

bool AmqpThread::submit(Mailbox::Command command) {
    return !stopping() && mailbox_.post(std::move(command));
}

void AmqpThread::request_stop(Deadline deadline) {
    // The time is written before the flag that makes the thread read it.
    stop_by_ = deadline.at().time_since_epoch().count();
    stopping_ = true;
    stop_signal_.signal();
}

runtime::Awaitable<> AmqpThread::stop(Deadline deadline) {
    if (!stopping())
        request_stop(deadline);
    const auto shared = shared_;
    // A thread that is only connecting has nothing to end politely, so its login is cut short.
    if (!serving_)
        shared->watch.cut_for_good();
    // The thread ends by itself: it runs the commands that wait, closes the channel and posts
    // `finished`.
    while (!shared->finished && !deadline.passed())
        co_await shared->changed.wait(deadline);
    if (!shared->finished) {
        shared->watch.cut_for_good();
        const Deadline last = Deadline::after(kCloseBudget);
        while (!shared->finished && !last.passed())
            co_await shared->changed.wait(last);
    }
    shared->tick.cancel();
    // Only a finished thread is joined here, which takes no time; the destructor waits for any other.
    if (shared->finished && thread_.joinable())
        thread_.join();
}

void AmqpThread::run() {
    ::pthread_setname_np(::pthread_self(), "amqp");
    log::set_role(options_.role);
    while (!stopping()) {
        if (const auto connection = connect()) {
            serving_ = true;
            serve(*connection);
            disconnect(*connection);
            serving_ = false;
        }
        rest();
    }
    run_commands();
    link_.turn();
    // This is the thread's last act. What it captured keeps `shared_` alive even if the owner has
    // gone.
    asio::post(shard_, [shared = shared_] {
        shared->finished = true;
        shared->changed.notify_all();
    });
}

std::unique_ptr<Connection> AmqpThread::connect() {
    ++attempts_;
    const auto& to = options_.connection;
    Dialed dialed = dial(to.endpoint, to.connect_timeout, 2 * to.heartbeat, stop_signal_.fd());
    if (!dialed.socket) {
        report_unreachable(dialed.fault);
        return nullptr;
    }
    // A message that the connection before left half read must not swallow the first frame of this
    // one.
    contents_ = ContentReader(kMaxTicketBody);
    auto connection = std::make_unique<Connection>(std::move(dialed.socket), shared_->watch, to);
    // Each connection declares everything anew: somebody may have deleted a queue during the
    // outage, and declaring what is there changes nothing.
    options_.topology.declare(*connection);
    link_.opened(*connection);
    if (!connection->ok()) {
        link_.closed();
        report_unreachable(connection->failure());
        connection->close(kCloseBudget);
        return nullptr;
    }
    log::info("amqp_connected", {{"connection", to.name},
                                 {"host", to.endpoint.host},
                                 {"port", to.endpoint.port},
                                 {"queue", options_.topology.queue},
                                 {"attempts", attempts_}});
    // The back-off is told the time and resets only if the connection lasts; one that is closed at
    // once would otherwise be made anew ten times per second.
    backoff_.on_connected(Deadline::Clock::now());
    attempts_ = 0;
    reported_.clear();
    blocked_ = false;
    return connection;
}

void AmqpThread::serve(Connection& connection) {
    const auto interval = static_cast<int>(poll_interval(options_.connection.heartbeat).count());
    while (connection.ok() && !stopping()) {
        // Frames first: it keeps the heartbeat's clock from running out within a publish, where the library hangs.
        handle_frames(connection);
        run_commands();
        link_.turn();
        // The library reads ahead. poll() knows nothing of bytes that it holds already, and would
        // sleep beside a frame that is here.
        if (connection.ok() && !connection.has_buffered())
            wait_readable(connection.socket(), mailbox_.fd(), stop_signal_.fd(), interval);
    }
}

void AmqpThread::handle_frames(Connection& connection) {
    amqp_frame_t frame;
    for (int count = 0; count < kFramesPerTurn && connection.read(frame); ++count)
        dispatch(frame);
    // The library frees the memory of frames only when asked, and without this it grows with every
    // delivery.
    connection.release_frames();
}

void AmqpThread::dispatch(const amqp_frame_t& frame) {
    std::optional<Content> content;
    // Deliveries and returned messages come in several frames, which are put together here and not
    // by the library, whose way of doing so waits without a limit.
    if (contents_.feed(frame, content)) {
        if (content)
            link_.on_content(std::move(*content));
        return;
    }
    if (frame.frame_type != AMQP_FRAME_METHOD)
        return;
    const auto& method = frame.payload.method;
    if (method.id == AMQP_CONNECTION_BLOCKED_METHOD)
        set_blocked(true, to_view(decoded<amqp_connection_blocked_t>(method).reason));
    else if (method.id == AMQP_CONNECTION_UNBLOCKED_METHOD)
        set_blocked(false, {});
    else
        link_.on_method(method);
}

void AmqpThread::set_blocked(bool blocked, std::string_view reason) {
    if (blocked == blocked_)
        return;
    blocked_ = blocked;
    if (blocked)
        log::warn("amqp_blocked", {{"connection", options_.connection.name}, {"reason", reason}});
    else
        log::info("amqp_unblocked", {{"connection", options_.connection.name}});
    // The publisher's callers learn at once that nothing goes out, in place of waiting for confirms
    // that cannot come.
    link_.on_blocked(blocked);
}

void AmqpThread::disconnect(Connection& connection) {
    // The last acknowledgements lie in the mailbox. They are written before the channel is closed,
    // or their tickets would be delivered again.
    if (stopping()) {
        run_commands();
        link_.turn();
    } else {
        log::warn("amqp_disconnected", {{"connection", options_.connection.name}, {"reason", connection.failure()}});
    }
    link_.closed();
    const Deadline stop_by(Deadline::Clock::time_point(Deadline::Clock::duration(stop_by_.load())));
    const auto left = std::chrono::floor<std::chrono::milliseconds>(stop_by.left());
    const auto budget = stopping() ? std::min<std::chrono::milliseconds>(left, kStopBudget) : kCloseBudget;
    // A blocked broker does not read, so it would never see the close.
    if (!blocked_ && budget > 0ms)
        connection.close(budget);
    if (stopping())
        log::info("amqp_closed", {{"connection", options_.connection.name}});
}

// The list is taken out under the mailbox's lock and run outside of it, so a shard never waits for
// a command to end.
void AmqpThread::run_commands() {
    for (const auto& command : mailbox_.take())
        command();
}

void AmqpThread::rest() {
    const auto now = Deadline::Clock::now();
    const Deadline until(now + backoff_.next(now, random_fraction()));
    // Commands are run during the pause as well: the link refuses them at once, so that callers
    // hear of the outage before their deadlines.
    while (!stopping() && !until.passed()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until.left());
        wait_readable(-1, mailbox_.fd(), stop_signal_.fd(), static_cast<int>(left.count()));
        run_commands();
        link_.turn();
    }
}

void AmqpThread::report_unreachable(const std::string& reason) {
    // One line for each cause of an outage, however long that is; causes may take turns.
    if (stopping() || reported_.size() == kMaxReported || !reported_.insert(reason).second)
        return;
    log::warn("amqp_unreachable", {{"setting", "AMQP_URL"},
                                   {"connection", options_.connection.name},
                                   {"host", options_.connection.endpoint.host},
                                   {"port", options_.connection.endpoint.port},
                                   {"reason", reason}});
}

} // namespace smsbcast::adapters::rabbitmq
