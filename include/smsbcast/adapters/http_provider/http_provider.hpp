#pragma once

#include "smsbcast/domain/provider.hpp"
#include "smsbcast/domain/receipt_seal.hpp"
#include "smsbcast/ports/sms_provider.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace smsbcast::adapters::http_provider {

/// The settings of one provider. Bounds are the caller's to check; the configuration does so.
struct Params {
    std::string name{kDefaultProvider}; ///< of the provider
    std::string base_url;    ///< `http://[user:password@]host[:port][/path]`; messages go to `{base_url}/send`
    std::string webhook_url; ///< where the provider is to post receipts; http or https, as it sees it
    std::optional<ReceiptSeal> seal{}; ///< of the address for a message's receipts; none: the address has only its id
    std::size_t connections = 64;      ///< 1 to 4096: submissions under way; more wait their turn
    std::chrono::milliseconds connect_timeout{5000}; ///< of one connection, within the submission's own deadline
    std::chrono::milliseconds idle_timeout{30000};   ///< an idle connection is closed after this
};

/// The reason why an address cannot be used, as a sentence that says what would be right and
/// repeats nothing of it, since it may hold a password; empty when it can be used. Pure.
std::string check_base_url(const std::string& text);
std::string check_webhook_url(const std::string& text);

/// Host and port of an address that check_base_url() accepts, and nothing else of it: fit for a log
/// line.
std::string shown_address(const std::string& base_url);

/// Submits messages by HTTP/1.1: the wire is in the README beside the sources.
///
/// Throws std::invalid_argument, whose text says what would be right, for addresses that it cannot use; `https` is one.
/// Submissions under way must end before it is destroyed, which stop() waits for. Belongs to `shard`.
std::unique_ptr<SmsProvider> make_http_provider(boost::asio::io_context& shard, Params params);

} // namespace smsbcast::adapters::http_provider
