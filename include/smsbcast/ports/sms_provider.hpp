#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/domain/submit_outcome.hpp"
#include "smsbcast/domain/ticket.hpp"

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

class SmsProvider {
public:
    virtual ~SmsProvider() = default;

    /// Hands one message over. Never fails: whatever happens is an outcome, and every wait in it ends at the deadline.
    /// Never sends a request twice by itself, except where the first certainly did not reach the provider.
    virtual boost::asio::awaitable<SubmitOutcome> submit(Submission submission, Deadline deadline) = 0;

    /// Ends every submission under way, as what it is then: not sent, or uncertain. None goes out after that.
    virtual void abandon() = 0;
};

} // namespace smsbcast
