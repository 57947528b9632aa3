#pragma once

#include "smsbcast/app/key_ring.hpp"
#include "smsbcast/ports/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace smsbcast::app {

/// Knows callers by their API keys. The keys lie in memory and are read again every two seconds, so a request costs no
/// question to the store, a revoked key lets nobody in after KeyRing::kFreshFor, and a new key does at once: a token
/// that is not known is looked for in the store, with one question for all who wait, and ten questions a second at
/// most.
///
/// Belongs to the shard of its store and its clock, which must outlive it.
class Authenticate {
public:
    static constexpr std::chrono::seconds kInterval{2};
    static constexpr std::chrono::milliseconds kApart{100}; ///< between two questions

    Authenticate(KeyStore& store, Peppers peppers, Clock& clock);

    /// Where it can be said without asking.
    std::optional<Caller> known(const KeyToken& token);

    /// Asks the store where it has to. Errors: not_found (the key is nobody's, revoked or expired); timeout,
    /// unavailable, overloaded (the store does not say).
    boost::asio::awaitable<Result<Caller>> operator()(KeyToken token, Deadline deadline);

    /// Keeps what is known fresh, and notes uses in the store. Logs once how to make a key where there is none. Ends
    /// after stop().
    boost::asio::awaitable<void> run();
    void stop();

private:
    using TimePoint = KeyRing::TimePoint;

    boost::asio::awaitable<Result<void>> refresh(Deadline deadline);
    boost::asio::awaitable<Result<void>> ask(Deadline deadline);
    boost::asio::awaitable<void> note_uses();
    void log_first_load();

    KeyStore& store_;
    Clock& clock_;
    KeyRing ring_;
    std::unique_ptr<Signal> answered_, stopped_;
    std::uint64_t asked_ = 0;           // questions so far
    std::uint64_t answered_number_ = 0; // of the last one that was answered
    std::optional<TimePoint> asked_at_; // the last question, answered or not
    std::optional<TimePoint> noted_at_;
    bool asking_ = false;
    bool stopping_ = false;
};

} // namespace smsbcast::app
