#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/domain/receipt.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace smsbcast {

/// A message that somebody sent to one of the provider's numbers.
struct InboundMessage {
    std::string from; ///< as the provider writes it: a number, or a name
    std::string to;
    std::string text; ///< UTF-8
};

using ProviderEvent = std::variant<Receipt, InboundMessage>;

/// Receipts and inbound messages of one provider, each at least once: what was not confirmed before the connection
/// ended, the provider says again. One reader.
///
/// Bounded: beyond a number that the adapter documents, unconfirmed events are not read from the connection, so the
/// provider waits.
class ProviderEvents {
public:
    virtual ~ProviderEvents() = default;

    /// The oldest events, at most `most`, as soon as there is one; none at the deadline, and after the provider's
    /// stop().
    virtual boost::asio::awaitable<std::vector<ProviderEvent>> receive(std::size_t most, Deadline deadline) = 0;

    /// The oldest `count` events that were received and not confirmed are durable: the provider may forget them.
    virtual void confirm(std::size_t count) = 0;
};

} // namespace smsbcast
