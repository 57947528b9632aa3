#include "smsbcast/config/key.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

namespace smsbcast::config {
namespace {

/// Puts a value into its place in the struct tree; a key whose kind does not fit its member throws on first use.
template <auto Section, auto Member>
void at(Config& config, const Value& value) {
    auto& place = config.*Section.*Member;
    using Place = std::remove_reference_t<decltype(place)>;
    if constexpr (std::is_enum_v<Place>)
        place = static_cast<Place>(std::get<Word>(value).index);
    else if constexpr (std::is_same_v<Place, Secret>)
        place = Secret{std::get<std::string>(value)};
    else
        place = std::get<Place>(value);
}

// In the order of the enums that they stand for.
constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 3> kFormats{"auto", "json", "text"};
constexpr std::array<std::string_view, 4> kPolicies{"auto", "resend_same_key", "wait_then_fail", "resend"};
constexpr std::array<std::string_view, 3> kAuthModes{"auto", "required", "off"};
constexpr std::array<std::string_view, 2> kUnsigned{"refuse", "accept"};
constexpr std::array<std::string_view, 2> kEchoes{"message_id", "provider_id"};

constexpr kind::Address kAddress{};
constexpr kind::Boolean kBoolean{};
constexpr kind::Ratio kRatio{};
constexpr kind::Duration kIoTimeout{100ms, 10min};
constexpr kind::Duration kLinger{0ms, 1s};
constexpr kind::Duration kMockDelay{0ms, 10min};
constexpr kind::Integer kRows{1, 10'000, "messages"};

constexpr RoleSet roles_that(bool (*are_meant)(const RoleTraits& role)) {
    RoleSet roles;
    for (const RoleTraits& role : kRoles)
        if (are_meant(role))
            roles.add(role.role);
    return roles;
}

template <Need Wanted>
constexpr RoleSet kNeeding = roles_that([](const RoleTraits& role) { return role.needs.contains(Wanted); });

constexpr RoleSet kAll = roles_that([](const RoleTraits&) { return true; });
constexpr RoleSet kStore = kNeeding<Need::store>;
constexpr RoleSet kQueue = kNeeding<Need::queue>;
constexpr RoleSet kOutcomes = kNeeding<Need::outcomes>;
constexpr RoleSet kAllOnly{};
constexpr RoleSet kApi{Role::api};
constexpr RoleSet kOutbox{Role::outbox};
constexpr RoleSet kWorker{Role::worker};
constexpr RoleSet kDlr{Role::dlr};
constexpr RoleSet kMock{Role::mock_provider};
constexpr RoleSet kSealing{Role::worker, Role::dlr};

constexpr bool kSecret = true;

using C = Config;

// The one definition of every key but the roles' addresses, which stand in the table of roles. config/smsbcast.toml
// says the same to people, the initial values in config.hpp to code that builds a Config without loading one; tests
// hold both against this table. A row says what the key is called, where it is kept, and what it means.
// clang-format off
constexpr std::array kSettings = std::to_array<Key>({
    {"log.level", "LOG_LEVEL", "info", kind::Words{kLevels},
     at<&C::log, &Log::level>, kAll,
     "The least important lines that are logged."},
    {"log.format", "LOG_FORMAT", "auto", kind::Words{kFormats},
     at<&C::log, &Log::format>, kAll,
     "How log lines look; auto is text on a terminal and json otherwise."},

    {"process.stop_grace", "STOP_GRACE", "25s", kind::Duration{1s, 10min},
     at<&C::process, &Process::stop_grace>, kAll,
     "How long work in hand may take to finish after the first SIGTERM or SIGINT."},
    {"process.migrate_at_start", "MIGRATE_AT_START", "true", kBoolean,
     at<&C::process, &Process::migrate_at_start>, kStore,
     "Whether a role brings the database's schema up to date before it starts."},

    {"database.url", "DATABASE_URL", "postgres://postgres:postgres@localhost:5432/sms?sslmode=disable",
     kind::Url{kind::Url::For::database}, at<&C::database, &Database::url>, kStore,
     "PostgreSQL, or the file of the embedded store (for `all` only), which `all` uses unless this is given.", {}, kSecret},
    {"database.data", "SMSBCAST_DATA", "smsbcast.db", kind::Path{},
     at<&C::database, &Database::data>, kAllOnly,
     "The file of the embedded store, which `all` uses; not beside DATABASE_URL.", "--data"},
    {"database.schema", "DATABASE_SCHEMA", "smsbcast", kind::Schema{},
     at<&C::database, &Database::schema>, kStore,
     "The schema in PostgreSQL that holds all tables; a second installation in the same database needs another one."},
    {"database.pool_size", "DATABASE_POOL_SIZE", "4", kind::Integer{1, 64, "connections"},
     at<&C::database, &Database::pool_size>, kStore,
     "How many connections to PostgreSQL a role keeps."},
    {"database.connect_timeout", "DATABASE_CONNECT_TIMEOUT", "5s", kind::Duration{100ms, 1min},
     at<&C::database, &Database::connect_timeout>, kStore,
     "How long one attempt to connect to PostgreSQL may take."},
    {"database.statement_timeout", "DATABASE_STATEMENT_TIMEOUT", "30s", kind::Duration{1s, 10min},
     at<&C::database, &Database::statement_timeout>, kStore,
     "How long PostgreSQL works on one statement before it gives it up."},
    {"database.lock_timeout", "DATABASE_LOCK_TIMEOUT", "10s", kind::Duration{100ms, 5min},
     at<&C::database, &Database::lock_timeout>, kStore,
     "How long a statement waits for a lock before PostgreSQL gives it up."},

    {"amqp.url", "AMQP_URL", "amqp://guest:guest@localhost:5672/", kind::Url{kind::Url::For::broker},
     at<&C::amqp, &Amqp::url>, kQueue,
     "RabbitMQ; `all` uses its in-process queue unless this is given.", {}, kSecret},
    {"amqp.prefix", "AMQP_PREFIX", "auto", kind::Prefix{},
     at<&C::amqp, &Amqp::prefix>, kQueue,
     "What the queues' names begin with, another one for each installation; auto makes it of the installation's id."},
    {"amqp.heartbeat", "AMQP_HEARTBEAT", "10s", kind::Duration{1s, 5min},
     at<&C::amqp, &Amqp::heartbeat>, kQueue,
     "How often both ends of a connection to RabbitMQ show that they are alive; after two silent ones it is dropped."},
    {"amqp.confirm_timeout", "AMQP_CONFIRM_TIMEOUT", "10s", kind::Duration{1s, 5min},
     at<&C::amqp, &Amqp::confirm_timeout>, kOutbox,
     "How long RabbitMQ may take to confirm a ticket before it counts as not published."},
    {"amqp.prefetch", "AMQP_PREFETCH", "128", kind::Integer{1, 1000, "tickets"},
     at<&C::amqp, &Amqp::prefetch>, kWorker,
     "How many tickets RabbitMQ hands to a worker ahead of their end."},

    {"api.max_body", "API_MAX_BODY", "32MiB", kind::Size{1024, 1024 * 1024 * 1024},
     at<&C::api, &Api::max_body>, kApi,
     "The largest request body that the API takes."},
    {"api.max_uploads", "API_MAX_UPLOADS", "64MiB", kind::Size{1024, 1024 * 1024 * 1024},
     at<&C::api, &Api::max_uploads>, kApi,
     "How much of all request bodies together the API holds; one alone may always have API_MAX_BODY."},
    {"api.max_recipients", "API_MAX_RECIPIENTS", "10000000", kind::Integer{1, 10'000'000, "recipients"},
     at<&C::api, &Api::max_recipients>, kApi,
     "The most recipients of one broadcast."},
    {"api.max_message_chars", "API_MAX_MESSAGE_CHARS", "1600", kind::Integer{1, 10'000, "characters"},
     at<&C::api, &Api::max_message_chars>, kApi,
     "The longest message."},
    {"api.ticket_size", "API_TICKET_SIZE", "100", kind::Integer{1, 1000, "messages"},
     at<&C::api, &Api::ticket_size>, kApi,
     "How many messages of a broadcast travel together."},

    {"auth.mode", "AUTH", "auto", kind::Words{kAuthModes},
     at<&C::auth, &Auth::mode>, kApi,
     "Whether clients of the API need a key; auto is off for the embedded store on the loopback address, else required."},
    {"auth.off_anywhere", "AUTH_OFF_ANYWHERE", "false", kBoolean,
     at<&C::auth, &Auth::off_anywhere>, kApi,
     "Whether AUTH=off may serve other machines too: whoever reaches the API may then send, read and cancel everything."},
    {"auth.pepper", "AUTH_PEPPER", "none", kind::Secrets{32, 4},
     at<&C::auth, &Auth::pepper>, kApi,
     "What the digests of API keys are made with; with several the first makes new keys, and those of all others still work.",
     {}, kSecret},

    {"client.key", "SMSBCAST_KEY", "none", kind::Secrets{32, 1},
     at<&C::client, &Client::key>, kAllOnly,
     "The API key with which `hold` and `release` call the API of an `all` that has its file open.", {}, kSecret},

    {"http.max_connections", "HTTP_MAX_CONNECTIONS", "0", kind::Integer{0, 65'536, "connections"},
     at<&C::http, &Http::max_connections>, kAll,
     "How many connections a role serves at once; others wait. 0: as many as descriptors allow, 8192 at most; outbox and "
     "worker take 256 at most."},
    {"http.header_timeout", "HTTP_HEADER_TIMEOUT", "10s", kIoTimeout,
     at<&C::http, &Http::header_timeout>, kAll,
     "How long a client may take to send a request's header."},
    {"http.body_timeout", "HTTP_BODY_TIMEOUT", "60s", kIoTimeout,
     at<&C::http, &Http::body_timeout>, kAll,
     "How long a client may take to send a request's body."},
    {"http.idle_timeout", "HTTP_IDLE_TIMEOUT", "60s", kIoTimeout,
     at<&C::http, &Http::idle_timeout>, kAll,
     "How long a connection is kept open between requests."},
    {"http.write_timeout", "HTTP_WRITE_TIMEOUT", "30s", kIoTimeout,
     at<&C::http, &Http::write_timeout>, kAll,
     "How long a client may take to receive an answer."},

    {"outbox.poll_interval", "OUTBOX_POLL_INTERVAL", "500ms", kind::Duration{10ms, 1min},
     at<&C::outbox, &Outbox::poll_interval>, kOutbox,
     "How often the relay looks for due tickets without being woken; a commit wakes it at once."},
    {"outbox.batch_size", "OUTBOX_BATCH_SIZE", "500", kind::Integer{1, 100'000, "messages"},
     at<&C::outbox, &Outbox::batch_size>, kOutbox,
     "How much the relay claims and publishes in one go."},
    {"outbox.queue_min_messages", "QUEUE_MIN_MESSAGES", "1000", kind::Integer{1, 1'000'000, "messages"},
     at<&C::outbox, &Outbox::queue_min_messages>, kOutbox,
     "How much may lie in the queue however slow the sending is."},
    {"outbox.queue_max_messages", "QUEUE_MAX_MESSAGES", "20000", kind::Integer{1, 10'000'000, "messages"},
     at<&C::outbox, &Outbox::queue_max_messages>, kOutbox,
     "How much may lie in the queue however fast the sending is; at least QUEUE_MIN_MESSAGES."},
    {"outbox.queue_ahead", "QUEUE_AHEAD", "500ms", kind::Duration{10ms, 1min},
     at<&C::outbox, &Outbox::queue_ahead>, kOutbox,
     "How much sending time lies in the queue, between those two bounds."},
    {"outbox.claim_lease", "OUTBOX_CLAIM_LEASE", "20s", kind::Duration{1s, 10min},
     at<&C::outbox, &Outbox::claim_lease>, kOutbox,
     "How long a ticket belongs to the relay that claimed it; longer than AMQP_CONFIRM_TIMEOUT."},
    {"outbox.sweep_interval", "OUTBOX_SWEEP_INTERVAL", "1s", kind::Duration{10ms, 1min},
     at<&C::outbox, &Outbox::sweep_interval>, kOutbox,
     "How often expired leases, deadlines and completed broadcasts are looked for."},
    {"outbox.queued_recheck", "OUTBOX_QUEUED_RECHECK", "20s", kind::Duration{1s, 1h},
     at<&C::outbox, &Outbox::queued_recheck>, kOutbox,
     "After how long a queued ticket that no worker took counts as lost by the broker and is published again; for the "
     "same ticket twice as long each time."},
    {"outbox.inbox_retention", "RECEIPT_INBOX_RETENTION", "72h", kind::Duration{1min, 720h},
     at<&C::outbox, &Outbox::inbox_retention>, kOutbox,
     "How long receipts of unknown messages are kept."},

    {"worker.connections", "WORKER_CONNECTIONS", "2048", kind::Integer{1, 4096, "connections"},
     at<&C::worker, &Worker::connections>, kWorker,
     "How many connections to the provider a worker may have, each with one request in flight; it finds by itself how many "
     "pay off."},
    {"worker.lease", "WORKER_LEASE", "30s", kind::Duration{5s, 10min},
     at<&C::worker, &Worker::lease>, kWorker,
     "How long a ticket belongs to the worker that took it before another may take it; at least twice PROVIDER_TIMEOUT."},
    {"worker.result_batch", "WORKER_RESULT_BATCH", "500", kRows,
     at<&C::worker, &Worker::result_batch>, kWorker,
     "How many results are written in one statement at most."},
    {"worker.result_linger", "WORKER_RESULT_LINGER", "5ms", kLinger,
     at<&C::worker, &Worker::result_linger>, kWorker,
     "How long a result waits for others before it is written."},

    {"provider.url", "PROVIDER_URL", "http://localhost:9090", kind::Url{kind::Url::For::provider},
     at<&C::provider, &Provider::url>, kOutcomes,
     "The SMS provider, to which `/send` is added; while it is not given, `all` starts the mock provider and uses that, "
     "at MOCK_PROVIDER_ADDR.", {}, kSecret},
    {"provider.allow_plain_credentials", "PROVIDER_ALLOW_PLAIN_CREDENTIALS", "false", kBoolean,
     at<&C::provider, &Provider::allow_plain_credentials>, kNeeding<Need::provider>,
     "Whether a user and password in PROVIDER_URL may travel to another machine unencrypted, for whoever can read the "
     "network on the way to see."},
    {"provider.timeout", "PROVIDER_TIMEOUT", "10s", kind::Duration{10ms, 5min},
     at<&C::provider, &Provider::timeout>, kNeeding<Need::provider>,
     "How long the provider may take to answer; after that the outcome is unknown."},
    {"provider.connect_timeout", "PROVIDER_CONNECT_TIMEOUT", "5s", kind::Duration{10ms, 5min},
     at<&C::provider, &Provider::connect_timeout>, kNeeding<Need::provider>,
     "How long one attempt to connect to the provider may take."},
    {"provider.unknown_policy", "PROVIDER_UNKNOWN_POLICY", "auto", kind::Words{kPolicies},
     at<&C::provider, &Provider::unknown_policy>, kOutcomes,
     "What is done when no answer tells whether the provider took a message; auto is resend_same_key while "
     "provider.url is not given, wait_then_fail otherwise."},
    {"provider.resolve_within", "PROVIDER_RESOLVE_WITHIN", "1h", kind::Duration{1s, 720h},
     at<&C::provider, &Provider::resolve_within>, kNeeding<Need::resolution>,
     "How long a message that may have been sent waits for its receipt, before wait_then_fail fails it."},
    {"provider.max_attempts", "PROVIDER_MAX_ATTEMPTS", "6", kind::Integer{1, 100, "attempts"},
     at<&C::provider, &Provider::max_attempts>, kOutcomes,
     "How often a message is tried before it has failed."},
    {"provider.retry_base", "PROVIDER_RETRY_BASE", "2s", kind::Duration{1ms, 1h},
     at<&C::provider, &Provider::retry_base>, kOutcomes,
     "The longest pause before the second attempt; it doubles with each further one, and chance picks within it."},
    {"provider.retry_cap", "PROVIDER_RETRY_CAP", "15m", kind::Duration{1ms, 24h},
     at<&C::provider, &Provider::retry_cap>, kOutcomes,
     "The longest pause between two attempts; at least PROVIDER_RETRY_BASE."},
    {"provider.breaker_failures", "PROVIDER_BREAKER_FAILURES", "5", kind::Integer{0, 1000, "failures"},
     at<&C::provider, &Provider::breaker_failures>, kNeeding<Need::provider>,
     "How many failures in a row, over a second or more, show that the provider is away: messages then wait, and one at "
     "a time probes whether it is back; 0 never does."},

    {"dlr.webhook_url", "DLR_WEBHOOK_URL", "http://localhost:8081/dlr", kind::Url{kind::Url::For::webhook},
     at<&C::dlr, &Dlr::webhook_url>, kNeeding<Need::webhook>,
     "The webhook's address as the provider sees it, and the mock's for messages that come without one; while it is not "
     "given, `all` has it at DLR_WEBHOOK_ADDR."},
    {"dlr.secret", "DLR_SECRET", "none", kind::Secrets{32, 4},
     at<&C::dlr, &Dlr::secret>, kSealing,
     "What the addresses for receipts are signed with; with several the first one signs; none is the installation's own.",
     {}, kSecret},
    {"dlr.token", "DLR_TOKEN", "none", kind::Secrets{16, 1},
     at<&C::dlr, &Dlr::token>, kDlr,
     "What a provider shows that cannot post to the signed address: Authorization: Bearer TOKEN, or X-Webhook-Token.",
     {}, kSecret},
    {"dlr.unsigned", "DLR_UNSIGNED", "refuse", kind::Words{kUnsigned},
     at<&C::dlr, &Dlr::unsigned_receipts>, kDlr,
     "What becomes of a receipt with neither a signature nor the token; accept lets whoever reaches the webhook post any."},
    {"dlr.batch", "DLR_BATCH", "500", kind::Integer{1, 10'000, "receipts"},
     at<&C::dlr, &Dlr::batch>, kDlr,
     "How many receipts are stored in one transaction at most."},
    {"dlr.linger", "DLR_LINGER", "3ms", kLinger,
     at<&C::dlr, &Dlr::linger>, kDlr,
     "How long a receipt waits for others before it is stored."},
    {"dlr.max_waiting", "DLR_MAX_WAITING", "20000", kind::Integer{1, 1'000'000, "receipts"},
     at<&C::dlr, &Dlr::max_waiting>, kDlr,
     "How many receipts may wait to be stored; further ones are turned away. At least one for each connection."},

    {"mock.receipt_delay", "MOCK_RECEIPT_DELAY", "500ms", kind::Duration{0ms, 24h},
     at<&C::mock, &Mock::receipt_delay>, kMock,
     "How long after its answer the mock sends the receipt."},
    {"mock.receipt_connections", "MOCK_RECEIPT_CONNECTIONS", "1024", kind::Integer{1, 4096, "connections"},
     at<&C::mock, &Mock::receipt_connections>, kNeeding<Need::receipts>,
     "How many connections the mock sends receipts over at most; it uses as many as pay off."},
    {"mock.latency", "MOCK_LATENCY", "0ms", kMockDelay,
     at<&C::mock, &Mock::latency>, kMock,
     "How long the mock takes to answer."},
    {"mock.jitter", "MOCK_JITTER", "0ms", kMockDelay,
     at<&C::mock, &Mock::jitter>, kMock,
     "How much longer than that it may take, by chance."},
    {"mock.error_rate", "MOCK_ERROR_RATE", "0", kRatio,
     at<&C::mock, &Mock::error_rate>, kMock,
     "Share of requests answered with MOCK_ERROR_STATUS."},
    {"mock.error_status", "MOCK_ERROR_STATUS", "500", kind::Integer{400, 599, ""},
     at<&C::mock, &Mock::error_status>, kMock,
     "The HTTP status of those answers."},
    {"mock.throttle_rate", "MOCK_THROTTLE_RATE", "0", kRatio,
     at<&C::mock, &Mock::throttle_rate>, kMock,
     "Share of requests answered 429 with Retry-After."},
    {"mock.retry_after", "MOCK_RETRY_AFTER", "1s", kind::Duration{0ms, 1h},
     at<&C::mock, &Mock::retry_after>, kMock,
     "The Retry-After of those answers."},
    {"mock.hang_rate", "MOCK_HANG_RATE", "0", kRatio,
     at<&C::mock, &Mock::hang_rate>, kMock,
     "Share of requests that are accepted and never answered."},
    {"mock.reset_rate", "MOCK_RESET_RATE", "0", kRatio,
     at<&C::mock, &Mock::reset_rate>, kMock,
     "Share of requests whose connection is reset."},
    {"mock.truncate_rate", "MOCK_TRUNCATE_RATE", "0", kRatio,
     at<&C::mock, &Mock::truncate_rate>, kMock,
     "Share of answers that are cut off."},
    {"mock.receipt_first_rate", "MOCK_RECEIPT_FIRST_RATE", "0", kRatio,
     at<&C::mock, &Mock::receipt_first_rate>, kMock,
     "Share of receipts that are sent before the answer."},
    {"mock.receipt_double_rate", "MOCK_RECEIPT_DOUBLE_RATE", "0", kRatio,
     at<&C::mock, &Mock::receipt_double_rate>, kMock,
     "Share of receipts that are sent twice."},
    {"mock.receipt_shuffle_rate", "MOCK_RECEIPT_SHUFFLE_RATE", "0", kRatio,
     at<&C::mock, &Mock::receipt_shuffle_rate>, kMock,
     "Share of receipts that come out of turn."},
    {"mock.receipt_lost_rate", "MOCK_RECEIPT_LOST_RATE", "0", kRatio,
     at<&C::mock, &Mock::receipt_lost_rate>, kMock,
     "Share of receipts that are never sent."},
    {"mock.receipt_failed_rate", "MOCK_RECEIPT_FAILED_RATE", "0", kRatio,
     at<&C::mock, &Mock::receipt_failed_rate>, kMock,
     "Share of receipts that say failed."},
    {"mock.receipt_echo", "MOCK_RECEIPT_ECHO", "message_id", kind::Words{kEchoes},
     at<&C::mock, &Mock::receipt_echo>, kMock,
     "How a receipt names its message; provider_id carries the provider's own id only and drops the webhook's query."},
});
// clang-format on

template <std::size_t Index>
void store_address(Config& config, const Value& value) {
    config.http_addr[kAllRoles[Index]] = std::get<Address>(value);
}

template <std::size_t Index>
constexpr Key address_key() {
    const AddressSetting& setting = kRoles[Index].address;
    RoleSet users{kAllRoles[Index]};
    for (const RoleTraits& other : kRoles)
        if (other.may_listen_as == kAllRoles[Index])
            users.add(other.role);
    return {setting.path, setting.environment, setting.default_text, kAddress, store_address<Index>,
            users,        setting.doc};
}

constexpr auto kAddresses = []<std::size_t... Index>(std::index_sequence<Index...>) {
    return std::array{address_key<Index>()...};
}
(std::make_index_sequence<kRoles.size()>());

// A role's address comes first in the role's section.
constexpr auto kKeys = [] {
    std::array<Key, kSettings.size() + kAddresses.size()> keys{};
    auto end = keys.begin();
    const auto is_new = [&](std::string_view section) {
        return std::none_of(keys.begin(), end, [&](const Key& key) { return key.section() == section; });
    };
    for (const Key& setting : kSettings) {
        if (is_new(setting.section()))
            end = std::ranges::copy_if(kAddresses, end, [&](const Key& key) {
                      return key.section() == setting.section();
                  }).out;
        *end++ = setting;
    }
    for (const Key& address : kAddresses) // of roles that have no other setting of their own
        if (is_new(address.section()))
            *end++ = address;
    return keys;
}();

} // namespace

std::string Key::flag() const {
    if (!own_flag.empty())
        return std::string{own_flag};
    std::string result = "--";
    for (const char c : environment)
        result += c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

std::span<const Key> keys() noexcept {
    return kKeys;
}

const Key* find_key(std::string_view path) noexcept {
    const auto* const found = std::ranges::find(kKeys, path, &Key::path);
    return found == kKeys.end() ? nullptr : found;
}

} // namespace smsbcast::config
