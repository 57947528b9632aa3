#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/result.hpp"
#include "smsbcast/base/uuid.hpp"
#include "smsbcast/domain/hold.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace smsbcast {

struct ReleaseOptions {
    /// When the backup was taken that the store was restored from. What waits in a broadcast from before the hold may
    /// have gone out since then, and is not sent.
    std::optional<Timestamp> assume_sent_since;
    std::chrono::milliseconds resolve_within{60 * 60 * 1000}; ///< how long such a message waits for a receipt
};

struct ReleaseReport {
    std::int64_t assumed_sent = 0; ///< messages, by this call
    bool more = false;             ///< it is still held: call again

    friend bool operator==(const ReleaseReport&, const ReleaseReport&) = default;
};

/// What an installation was given when it was made, and no other has but its copies.
struct InstallationIdentity {
    Uuid id;
    std::string receipt_secret; ///< seals the addresses for receipts (domain/receipt_seal.hpp); must stand in no log
    /// Messages that are made from then on have sealed addresses: all of them, where this release made the
    /// installation. One of an older release begins with it a day after it was migrated, when workers of that release,
    /// which seal nothing, are gone: a submission that is repeated must have the same bytes whoever repeats it.
    Timestamp sealed_since;

    friend bool operator==(const InstallationIdentity&, const InstallationIdentity&) = default;
};

/// The installation as a whole. While it is held, Outbox::claim and TicketStore::take give nothing, what is taken goes
/// back to the outbox, tickets that workers hold are reported as halted, and leases that run out wait for the release;
/// everything else goes on: broadcasts are accepted, receipts applied.
///
/// The store holds itself where it notices that it was restored from a backup while something was left to send: when
/// it is opened or its schema checked, when a ticket of the queue is ahead of it, and when a receipt comes for a
/// message of a ticket that was never taken.
///
/// Errors of every call: timeout, unavailable, uncertain, retry. All calls may be repeated. Threads: one shard.
class Installation {
public:
    virtual ~Installation() = default;

    /// Errors: internal when it was not made yet.
    virtual boost::asio::awaitable<Result<InstallationIdentity>> identity(Deadline deadline) = 0;

    /// Nothing while it is not held.
    virtual boost::asio::awaitable<Result<std::optional<Hold>>> held(Deadline deadline) = 0;

    /// Holds it, and gives what holds then: where it was held already, the first reason stays. Once it returned, no
    /// ticket is taken any more.
    virtual boost::asio::awaitable<Result<Hold>> hold(std::string because, Deadline deadline) = 0;

    /// Ends the hold, or takes a bounded step towards it and says that there is more. With `assume_sent_since` every
    /// message that waits in a running or paused broadcast that is not younger than the hold becomes `unknown` first,
    /// of the class kAssumedSent; when its time is up without a receipt it becomes `sent`. Where nothing is held it
    /// does nothing. Whatever of the tickets lies in a queue is worthless afterwards: they are published again, and
    /// are ahead of any queue and of any backup from before. Errors: refused, where a message cannot be changed.
    virtual boost::asio::awaitable<Result<ReleaseReport>> release(ReleaseOptions options, Deadline deadline) = 0;
};

} // namespace smsbcast
