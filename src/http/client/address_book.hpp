#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/runtime/asio.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace smsbcast::http {

namespace asio = boost::asio;

using runtime::Awaitable;

/// What one host name stands for. An address stands for itself and `localhost` for the loopback, without a look-up.
///
/// Asio cannot cancel a look-up once the resolver works on it, so nobody waits for it directly: there is one at a time,
/// it belongs to a state of its own, and whoever needs its answer waits for a signal or for the own deadline.
class AddressBook {
public:
    using Endpoint = asio::ip::tcp::endpoint;
    enum class Failure { timeout, not_found };

    AddressBook(asio::io_context& shard, const std::string& host, std::uint16_t port,
                std::chrono::milliseconds lifetime);

    /// At least one endpoint, those to be tried first in front.
    Awaitable<std::variant<std::vector<Endpoint>, Failure>> find(Deadline deadline);

    /// Says that none of the endpoints answered, so the name is looked up again the next time.
    void forget();

    /// Ends the waits of find(), which gives a timeout from now on where it would wait.
    void give_up();

private:
    struct LookUp;
    static void begin(const std::shared_ptr<LookUp>& look_up);

    std::vector<Endpoint> fixed_;
    std::shared_ptr<LookUp> look_up_; // null for a fixed address
};

} // namespace smsbcast::http
