#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/result.hpp"
#include "smsbcast/domain/submit_outcome.hpp"
#include "smsbcast/domain/ticket.hpp"
#include "smsbcast/ports/provider_events.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace smsbcast {

struct Submission {
    MessageId message;
    PhoneNumber phone = PhoneNumber::from_digits(0);
    std::shared_ptr<const std::string> text;
    int key_generation = 0;
    Deadline start_before{Deadline::Clock::time_point::max()}; ///< later than this, nothing of it goes out any more
};

enum class ProviderState {
    down,       ///< before start(), and from stop() on
    connecting, ///< started, but submissions are not sent for now
    up,         ///< submissions go out
};

/// One account at one provider. Belongs to one shard.
class SmsProvider {
public:
    virtual ~SmsProvider() = default;

    /// Gives the name in the configuration, which is different for each provider of an installation and never changes.
    virtual const std::string& name() const = 0;

    /// Makes submissions possible. A protocol that needs a connection goes on connecting by itself until stop(), so
    /// that the provider is not there yet is no error.
    /// Errors: what no time will mend, such as an address that cannot be used.
    virtual boost::asio::awaitable<Result<void>> start(Deadline deadline) = 0;

    /// The one way to end it. No submission begins from the call on: each later one is NotSent. Those under way may end
    /// until `deadline`, and are given up then, as what they are: not sent, or uncertain. Returns when none is under
    /// way any more. May be called before start(), and again with an earlier deadline.
    virtual boost::asio::awaitable<void> stop(Deadline deadline) = 0;

    virtual ProviderState state() const = 0;

    /// Hands one message over. Never fails: whatever happens is an outcome, and every wait in it ends at the deadline.
    /// Never sends a request twice by itself, except where the first certainly did not reach the provider.
    virtual boost::asio::awaitable<SubmitOutcome> submit(Submission submission, Deadline deadline) = 0;

    /// What the provider says of itself, where the protocol delivers that on the connection of the submissions; null
    /// where it comes by another way. Lives as long as the provider.
    virtual ProviderEvents* events() { return nullptr; }
};

} // namespace smsbcast
