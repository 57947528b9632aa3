#pragma once

#include "smsbcast/base/deadline.hpp"

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstddef>

namespace smsbcast::http {

class Session;

/// One connection's place among those that rest. It leaves by itself when it is destroyed.
class RestingPlace : public boost::intrusive::list_base_hook<
                         boost::intrusive::link_mode<boost::intrusive::link_mode_type::auto_unlink>> {
public:
    explicit RestingPlace(Session* session) : session_(session) {}

    Session* session() const { return session_; }
    void leave() { unlink(); }

private:
    friend class RestingConnections;
    Session* session_;
    Deadline::Clock::time_point may_go_{};
};

/// The connections on which nothing of a request has arrived, and who of them goes first when others wait for a place.
///
/// First those that have served a request, since their clients know that a kept connection may end; then those that
/// never sent anything, which get longer, since a client may well open many connections before it uses the first. Of
/// each kind the one that has rested longest.
class RestingConnections {
public:
    using Clock = Deadline::Clock;

    /// A request may be on its way to a connection that has just begun to rest.
    static constexpr std::chrono::milliseconds kUsedMayRest{250};
    static constexpr std::chrono::milliseconds kFreshMayRest{5000};

    /// `since` its last answer, or since its client connected.
    void begin(RestingPlace& place, bool used, Clock::time_point since);

    /// Takes out the one that should go, nothing when none may go yet.
    RestingPlace* next(Clock::time_point now);

    /// When next() has something to give; time_point::max() when nobody rests.
    Clock::time_point next_at() const;

private:
    using Places = boost::intrusive::list<RestingPlace, boost::intrusive::constant_time_size<false>>;
    Places used_, fresh_; // each in the order in which they may go
};

} // namespace smsbcast::http
