#pragma once

#include "smsbcast/base/log.hpp"
#include "smsbcast/config/address.hpp"
#include "smsbcast/config/role.hpp"
#include "smsbcast/config/secret.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace smsbcast::config {

// One struct per section of the file. What each key means, its unit and its bounds stand in config/smsbcast.toml and,
// as code, in the table of key.hpp; a test holds the initial values here against that table.

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;

/// `automatic` is text on a terminal and json otherwise.
enum class LogFormat { automatic, json, text };

struct Log {
    smsbcast::log::Level level = smsbcast::log::Level::info;
    LogFormat format = LogFormat::automatic;

    bool operator==(const Log&) const = default;
};

struct Process {
    std::chrono::milliseconds stop_grace = 25s;
    bool migrate_at_start = true;
    std::vector<Role> roles{}; ///< not a key: those that this process starts

    bool operator==(const Process&) const = default;
};

struct Database {
    Secret url{"postgres://postgres:postgres@localhost:5432/sms?sslmode=disable"};
    std::string data = "smsbcast.db";
    /// This is no key. It names the file of the embedded store, where that is what is used: when `url` says so, and in
    /// `all` when none was given.
    std::optional<std::string> embedded{};
    std::string schema = "smsbcast";
    std::uint64_t pool_size = 4;
    std::chrono::milliseconds connect_timeout = 5s;
    std::chrono::milliseconds statement_timeout = 30s;
    std::chrono::milliseconds lock_timeout = 10s;

    bool operator==(const Database&) const = default;
};

struct Amqp {
    Secret url{"amqp://guest:guest@localhost:5672/"};
    bool in_process = false; ///< not a key: the queue lies in the process, as in `all` when no `url` was given
    std::string prefix;      ///< of queues; empty: made of the installation's id
    std::chrono::milliseconds heartbeat = 10s;
    std::chrono::milliseconds confirm_timeout = 10s;
    std::uint64_t prefetch = 128;

    bool operator==(const Amqp&) const = default;
};

struct Api {
    std::uint64_t max_body = 32 * 1024 * 1024;
    std::uint64_t max_uploads = 64 * 1024 * 1024;
    std::uint64_t max_recipients = 10'000'000;
    std::uint64_t max_message_chars = 1600;
    std::uint64_t ticket_size = 100;

    bool operator==(const Api&) const = default;
};

/// `automatic`: nobody has to say who he is where the store is embedded and the API listens on the loopback address, as
/// it does there unless told otherwise; everywhere else it is `required`.
enum class AuthMode { automatic, required, off };

/// Who gets in at the API.
struct Auth {
    AuthMode mode = AuthMode::automatic;
    bool required = true; ///< not a key: what `mode` means here
    bool off_anywhere = false;
    Secret pepper; ///< one or more, with commas between them: split_secrets()

    bool operator==(const Auth&) const = default;
};

/// What this program shows of itself when it calls the API of another process.
struct Client {
    Secret key;

    bool operator==(const Client&) const = default;
};

struct Http {
    std::uint64_t max_connections = 0;
    std::chrono::milliseconds header_timeout = 10s;
    std::chrono::milliseconds body_timeout = 60s;
    std::chrono::milliseconds idle_timeout = 60s;
    std::chrono::milliseconds write_timeout = 30s;

    bool operator==(const Http&) const = default;
};

struct Outbox {
    std::chrono::milliseconds poll_interval = 500ms;
    std::uint64_t batch_size = 500;
    std::uint64_t queue_min_messages = 1000;
    std::uint64_t queue_max_messages = 20'000;
    std::chrono::milliseconds queue_ahead = 500ms;
    std::chrono::milliseconds claim_lease = 20s;
    std::chrono::milliseconds sweep_interval = 1s;
    std::chrono::milliseconds queued_recheck = 20s;
    std::chrono::milliseconds inbox_retention = 72h;

    bool operator==(const Outbox&) const = default;
};

struct Worker {
    std::uint64_t connections = 2048;
    std::chrono::milliseconds lease = 30s;
    std::uint64_t result_batch = 500;
    std::chrono::milliseconds result_linger = 5ms;

    bool operator==(const Worker&) const = default;
};

/// What is done with a message whose outcome at the provider is not known.
enum class UnknownPolicy { resend_same_key, wait_then_fail, resend };
/// What the user may say; `automatic` is resend_same_key for the provider of the default, which is our own mock, and
/// wait_then_fail for any other, whose handling of idempotency keys we cannot know.
enum class UnknownPolicyChoice { automatic, resend_same_key, wait_then_fail, resend };

struct Provider {
    Secret url{"http://localhost:9090"};
    bool url_given = false; ///< not a key: whether `url` came from the user
    bool allow_plain_credentials = false;
    std::chrono::milliseconds timeout = 10s;
    std::chrono::milliseconds connect_timeout = 5s;
    UnknownPolicyChoice unknown_policy = UnknownPolicyChoice::automatic;
    UnknownPolicy resolved_unknown_policy = UnknownPolicy::resend_same_key; ///< not a key: what `unknown_policy` means
    std::chrono::milliseconds resolve_within = 1h;
    std::uint64_t max_attempts = 6;
    std::chrono::milliseconds retry_base = 2s;
    std::chrono::milliseconds retry_cap = 15min;
    std::uint64_t breaker_failures = 5;

    bool operator==(const Provider&) const = default;
};

/// What becomes of a receipt that does not show that it comes from whom we gave the address.
enum class UnsignedReceipts { refuse, accept };

struct Dlr {
    Secret secret; ///< one or more, with commas between them: split_secrets(); empty: the installation's own
    Secret token;  ///< empty: none
    UnsignedReceipts unsigned_receipts = UnsignedReceipts::refuse;
    std::string webhook_url = "http://localhost:8081/dlr";
    std::uint64_t batch = 500;
    std::chrono::milliseconds linger = 3ms;
    std::uint64_t max_waiting = 20'000;

    bool operator==(const Dlr&) const = default;
};

/// How a receipt of the mock names its message: by our id, in the query of the webhook's address; or by the provider's
/// own id alone, posted to the webhook's path without its query.
enum class ReceiptEcho { message_id, provider_id };

/// Rates are shares of all requests or receipts, 0 to 1.
struct Mock {
    std::chrono::milliseconds receipt_delay = 500ms;
    std::uint64_t receipt_connections = 1024;
    std::chrono::milliseconds latency = 0ms;
    std::chrono::milliseconds jitter = 0ms;
    double error_rate = 0;
    std::uint64_t error_status = 500;
    double throttle_rate = 0;
    std::chrono::milliseconds retry_after = 1s;
    double hang_rate = 0;
    double reset_rate = 0;
    double truncate_rate = 0;
    double receipt_first_rate = 0;
    double receipt_double_rate = 0;
    double receipt_shuffle_rate = 0;
    double receipt_lost_rate = 0;
    double receipt_failed_rate = 0;
    ReceiptEcho receipt_echo = ReceiptEcho::message_id;

    bool operator==(const Mock&) const = default;
};

/// The whole configuration of a process. A role reads its own section and those of what it talks to.
struct Config {
    Log log;
    Process process;
    RoleAddresses http_addr; ///< `http_addr` of each role's section
    Database database;
    Amqp amqp;
    Api api;
    Auth auth;
    Client client;
    Http http;
    Outbox outbox;
    Worker worker;
    Provider provider;
    Dlr dlr;
    Mock mock;

    bool operator==(const Config&) const = default;
};

} // namespace smsbcast::config
