#include "smsbcast/runtime/supervisor.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/runtime/task_group.hpp"

#include <boost/asio/post.hpp>

#include <csignal>
#include <thread>

#include <unistd.h>

namespace smsbcast::runtime {

namespace {

// The watchdog ends the process when the stop hangs: whoever waits for it (a container engine, a
// user) must not wait for ever. It is a thread of its own, since the shards and this loop may be
// what hangs; it uses _exit, since destructors may hang too. Nothing is lost by it: leases and
// claims lapse by themselves.
void arm_watchdog(std::chrono::milliseconds limit) {
    std::thread([limit] {
        log::set_role("supervisor");
        std::this_thread::sleep_for(limit);
        log::error("stop_overdue", {{"after_ms", std::chrono::nanoseconds(limit)}});
        ::_exit(1);
    }).detach();
}

} // namespace

struct Supervisor::Entry {
    Entry(std::string name_, Make make_) : name(name_), shard(std::move(name_)), make(std::move(make_)) {}

    std::string name;
    Shard shard;
    Make make;
    std::unique_ptr<Service> service; // made, used and destroyed on the shard
    std::unique_ptr<TaskGroup> starting;
    std::unique_ptr<TaskGroup> tasks;

    Awaitable<> start(std::function<void(bool)> done) {
        const auto result = co_await service->start();
        // A start that a stop has interrupted did not fail.
        if (!result && result.error() != Errc::stopping)
            log::error("start_failed", {{"reason", result.error()}});
        done(result.has_value());
    }

    Awaitable<> stop(Deadline deadline, std::function<void()> done) {
        if (service)
            co_await service->stop(deadline);
        // start() uses the service until it has noticed the stop. Should it never notice, the
        // watchdog ends the process.
        co_await starting->join(Deadline(Deadline::Clock::time_point::max()));
        done();
    }

    Awaitable<> destroy() {
        service.reset();
        co_return;
    }

    void make_service() {
        starting = std::make_unique<TaskGroup>(shard.context());
        tasks = std::make_unique<TaskGroup>(shard.context());
        try {
            service = make(shard.context());
        } catch (const std::exception& error) {
            log::error("start_failed", {{"reason", error.what()}});
        }
    }
};

Supervisor::Supervisor(std::chrono::milliseconds stop_grace)
    : stop_grace_(stop_grace), signals_(control_, SIGTERM, SIGINT), harmless_(control_) {}

Supervisor::~Supervisor() = default;

void Supervisor::add(std::string name, Make make) {
    entries_.push_back(std::make_unique<Entry>(std::move(name), std::move(make)));
}

int Supervisor::run() {
    log::set_role("supervisor");
    // Signals are listened for before the first thread starts, so that none is missed during the
    // start.
    await_signal();
    harmless_.listen([](int number) {
        log::info("signal_ignored", {{"signal", number}, {"reason", "nothing is read again; a restart does that"}});
    });
    // Services begin to start one after another, without waiting for each other's end: each waits
    // by itself for what it needs, and answers meanwhile that it is not ready.
    while (running_ < entries_.size())
        start_next();
    control_.run();
    stop_took_ = std::chrono::floor<std::chrono::milliseconds>(Deadline::Clock::now() - stop_began_);
    return exit_code_;
}

void Supervisor::await_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
        if (error)
            return;
        // The second signal is a person who does not want to wait. _exit runs no destructors, which
        // may be what hangs.
        if (stop_by_) {
            log::warn("killed", {{"signal", number}});
            ::_exit(1);
        }
        log::info("stopping", {{"signal", number}, {"grace_ms", std::chrono::nanoseconds(stop_grace_)}});
        begin_stop();
        await_signal();
    });
}

void Supervisor::start_next() {
    Entry* const entry = entries_[running_++].get();
    // The shard's thread may not touch this object, so its last act is a post to the control loop.
    entry->shard.start([this] { asio::post(control_, [this] { shard_ended(); }); });
    asio::post(entry->shard.context(), [this, entry] {
        // All decisions of the supervisor run on the control loop, and therefore need no lock.
        const auto done = [this](bool well) { asio::post(control_, [this, well] { started(well); }); };
        entry->make_service();
        if (entry->service)
            entry->starting->spawn("start", [entry, done] { return entry->start(done); });
        else
            done(false);
    });
}

void Supervisor::started(bool well) {
    // One service that cannot start stops all of them: half of a process would look healthy to
    // whoever started it.
    if (!well && !stop_by_) {
        exit_code_ = 1;
        begin_stop();
    }
}

void Supervisor::begin_stop() {
    stop_began_ = Deadline::Clock::now();
    stop_by_ = Deadline(stop_began_ + stop_grace_);
    arm_watchdog(stop_grace_ + std::chrono::seconds(2));
    stop_next();
}

// A destructor on the shard may wait for something. The waiting is done there and not in this loop,
// so that a second signal is still heard here.
void Supervisor::shard_ended() {
    entries_[running_]->shard.join();
    stop_next();
}

void Supervisor::stop_next() {
    if (running_ == 0) {
        // The services ended, but later than was promised, which an operator should see in the exit
        // code.
        if (stop_by_->passed())
            exit_code_ = 1;
        // Both waits would keep the control loop running.
        signals_.cancel();
        harmless_.cancel();
        return;
    }
    Entry* const entry = entries_[--running_].get();
    const auto stopped = [this, entry] {
        asio::post(control_, [entry] {
            asio::post(entry->shard.context(),
                       [entry] { entry->tasks->spawn("end", [entry] { return entry->destroy(); }); });
            // The destruction of the service is the last thing that is posted. Without the guard,
            // the loop then ends by itself.
            entry->shard.release();
        });
    };
    asio::post(entry->shard.context(), [entry, stopped, deadline = *stop_by_] {
        entry->tasks->spawn("stop", [entry, stopped, deadline] { return entry->stop(deadline, stopped); });
    });
}

} // namespace smsbcast::runtime
