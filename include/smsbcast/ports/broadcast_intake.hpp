#pragma once

#include "smsbcast/base/result.hpp"
#include "smsbcast/domain/broadcast.hpp"
#include "smsbcast/domain/phone_number.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace smsbcast {

/// Whose a broadcast is, what it says, and until when.
struct BroadcastContent {
    std::string tenant; ///< is_tenant(); it stays whose it is
    std::optional<std::string> name;
    std::string text;
    std::optional<Timestamp> expires_at{}; ///< no message is handed over later than this
};

enum class IntakeOutcome {
    stored,      ///< the broadcast is durable and the relay has been woken
    done_before, ///< a broadcast of this id was stored by an earlier intake, and this one changed nothing
};

/// One new broadcast on its way into the store, in pieces: of its recipients only some 100,000 lie in the store's
/// memory. Feed it from what has been received already: a store may hold a connection and a transaction from the first
/// piece to the end, which is ended by the server where nothing comes for 15 s. Nothing of the broadcast can be seen
/// before the commit, and nothing stays of an intake that is destroyed without one.
///
/// Of two intakes of one id the second waits for the first, or fails with conflict, as the store can. Their tenants do
/// not matter, so an id must not be one that a caller chose: it would tell of the broadcasts of others.
/// Errors of both calls: timeout, unavailable, overloaded, conflict. Nothing was done by this intake then, and it may
/// only be destroyed. Threads: one shard; one call at a time.
class BroadcastIntake {
public:
    /// The most recipients in a piece.
    static constexpr std::size_t kMost = 10'000;

    virtual ~BroadcastIntake() = default;

    /// The next 1 to kMost recipients; each comes once in the whole broadcast. They get pending messages in their
    /// order, ids ascending. The last ticket of a piece may be smaller than the others.
    virtual boost::asio::awaitable<Result<void>> append(std::vector<PhoneNumber> recipients) = 0;

    /// Ends the intake, after at least one piece: messages, tickets that are due now, and the broadcast with its tenant
    /// are durable together. Errors: also uncertain, when the connection broke during the commit and its outcome could
    /// not be read back.
    virtual boost::asio::awaitable<Result<IntakeOutcome>> commit(BroadcastContent content) = 0;
};

} // namespace smsbcast
