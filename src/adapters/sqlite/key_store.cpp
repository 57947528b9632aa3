#include "calls.hpp"
#include "key_statements.hpp"
#include "query.hpp"

#include "smsbcast/domain/known_scopes.hpp"

#include <algorithm>
#include <span>

namespace smsbcast::adapters::sqlite {

using runtime::Awaitable;
using std::chrono::milliseconds;

namespace {

// Every statement that gives keys begins with these columns; the digest comes after them, if at all.
ApiKey read_api_key(const Query& row) {
    ApiKey key;
    key.prefix = std::string(row.text(0));
    key.name = std::string(row.text(1));
    key.tenant = std::string(row.text(2));
    key.scopes = known_scopes(row.text(3));
    key.created_at = row.time(4);
    key.expires_at = row.maybe_time(5);
    key.revoked_at = row.maybe_time(6);
    key.last_used_at = row.maybe_time(7);
    return key;
}

KeyDigest read_digest(const Query& row) {
    // The table takes no other length, so nothing is cut off or missing.
    KeyDigest digest{};
    const auto bytes = std::as_bytes(std::span(row.text(8)));
    std::ranges::copy(bytes.first(std::min(bytes.size(), digest.size())), digest.begin());
    return digest;
}

Result<ApiKey> find_api_key(Connection& db, const std::string& prefix) {
    Query row(db, sql::kGetKey, prefix);
    return row.next() ? Result<ApiKey>(read_api_key(row)) : Result<ApiKey>(Errc::not_found);
}

// Keys that ended before this time are deleted when another one is made.
std::int64_t forgotten_before(const Transaction& transaction) {
    return transaction.now - milliseconds(KeyStore::kKeptAfterEnd).count();
}

// Why the key cannot be made. It is asked before anything is changed, since work that gives an error is committed all
// the same: what is about to be deleted is therefore left out here.
std::optional<Errc> obstacle_to_key(Transaction& transaction, const NewKey& key, std::int64_t most) {
    const auto forgotten = forgotten_before(transaction);
    Query kept(transaction.db, sql::kCountKeys, forgotten);
    if (!kept.next() || kept.integer(0) >= most)
        return Errc::refused;
    Query taken(transaction.db, sql::kKeyIsTaken, key.prefix, forgotten);
    return taken.next() ? std::optional(Errc::conflict) : std::nullopt;
}

Result<ApiKey> write_key(Transaction& transaction, const NewKey& key) {
    const auto expires_at = key.expires_at ? std::optional(milliseconds_of(*key.expires_at)) : std::nullopt;
    const auto* const digest = reinterpret_cast<const char*>(key.digest.data());
    transaction.db.run(sql::kForgetKeys, forgotten_before(transaction));
    transaction.db.run(sql::kInsertKey, key.prefix, key.name, key.tenant, to_string(key.scopes),
                       Blob{{digest, key.digest.size()}}, transaction.now, expires_at);
    return find_api_key(transaction.db, key.prefix);
}

Result<ApiKey> insert_key(Transaction& transaction, const NewKey& key, std::int64_t most) {
    if (const auto obstacle = obstacle_to_key(transaction, key, most))
        return *obstacle;
    return write_key(transaction, key);
}

Result<ApiKey> rotate_key(Transaction& transaction, const std::string& prefix, const NewKey& successor,
                          milliseconds overlap, std::int64_t most) {
    const auto old = find_api_key(transaction.db, prefix);
    if (!old)
        return old.error();
    if (!is_live(*old, Timestamp(milliseconds(transaction.now))))
        return Errc::conflict;
    if (const auto obstacle = obstacle_to_key(transaction, successor, most))
        return *obstacle;
    transaction.db.run(sql::kExpireKey, prefix, transaction.now + overlap.count());
    return write_key(transaction, successor);
}

std::vector<StoredKey> live_keys(Transaction& transaction) {
    std::vector<StoredKey> keys;
    Query row(transaction.db, sql::kLiveKeys, transaction.now);
    while (row.next()) {
        auto key = read_api_key(row);
        // Only a newer release knows what such a key allows.
        if (!key.scopes.empty())
            keys.push_back({std::move(key), read_digest(row)});
    }
    return keys;
}

std::vector<ApiKey> list_keys(Transaction& transaction, const std::string& after, int limit) {
    std::vector<ApiKey> keys;
    Query row(transaction.db, sql::kListKeys, after, limit);
    while (row.next())
        keys.push_back(read_api_key(row));
    return keys;
}

// The API asks for all live keys every few seconds, and notes the uses that it saw. The other calls are an
// administrator's, and rare.
class SqliteKeyStore final : public KeyStore {
public:
    SqliteKeyStore(boost::asio::io_context& shard, std::shared_ptr<Database> database, std::size_t most)
        : calls_(shard, std::move(database)), most_(static_cast<std::int64_t>(most)) {}

    Awaitable<Result<ApiKey>> insert(NewKey key, Deadline deadline) override {
        return calls_.write([key = std::move(key),
                             most = most_](Transaction& transaction) { return insert_key(transaction, key, most); },
                            deadline);
    }

    Awaitable<Result<std::vector<StoredKey>>> live(Deadline deadline) override {
        return calls_.read(
            [](Transaction& transaction) -> Result<std::vector<StoredKey>> { return live_keys(transaction); },
            deadline);
    }

    Awaitable<Result<std::vector<ApiKey>>> list(std::optional<std::string> after, int limit,
                                                Deadline deadline) override {
        return calls_.read(
            [after = after.value_or(""), limit](Transaction& transaction) -> Result<std::vector<ApiKey>> {
                return list_keys(transaction, after, limit);
            },
            deadline);
    }

    Awaitable<Result<ApiKey>> get(std::string prefix, Deadline deadline) override {
        return calls_.read(
            [prefix = std::move(prefix)](Transaction& transaction) { return find_api_key(transaction.db, prefix); },
            deadline);
    }

    Awaitable<Result<ApiKey>> revoke(std::string prefix, Deadline deadline) override {
        return calls_.write(
            [prefix = std::move(prefix)](Transaction& transaction) {
                transaction.db.run(sql::kRevokeKey, prefix, transaction.now);
                return find_api_key(transaction.db, prefix);
            },
            deadline);
    }

    Awaitable<Result<ApiKey>> rotate(std::string prefix, NewKey successor, milliseconds overlap,
                                     Deadline deadline) override {
        return calls_.write(
            [prefix = std::move(prefix), successor = std::move(successor), overlap, most = most_](
                Transaction& transaction) { return rotate_key(transaction, prefix, successor, overlap, most); },
            deadline);
    }

    Awaitable<Result<void>> note_uses(std::vector<KeyUse> uses, Deadline deadline) override {
        return calls_.write(
            [uses = std::move(uses)](Transaction& transaction) -> Result<void> {
                for (const auto& use : uses)
                    transaction.db.run(sql::kNoteKeyUse, use.prefix, milliseconds_of(use.at));
                return {};
            },
            deadline);
    }

private:
    Calls calls_;
    std::int64_t most_;
};

} // namespace

std::unique_ptr<KeyStore> make_key_store(boost::asio::io_context& shard, std::shared_ptr<Database> database,
                                         std::size_t most) {
    return std::make_unique<SqliteKeyStore>(shard, std::move(database), most);
}

} // namespace smsbcast::adapters::sqlite
