#include "database.hpp"
#include "key_statements.hpp"

#include "smsbcast/domain/known_scopes.hpp"
#include "smsbcast/domain/message_text.hpp"

#include <algorithm>

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

// Every statement that answers with keys begins with these columns. The answers of those that make one go on with
// kRoomColumn and kWasLiveColumn, that of kLiveKeys with kDigestColumn.
constexpr int kDigestColumn = 8, kRoomColumn = 8, kWasLiveColumn = 9;

ApiKey read_api_key(const Rows& rows, int row) {
    ApiKey key;
    key.prefix = std::string(rows.text(row, 0));
    key.name = std::string(rows.text(row, 1));
    key.tenant = std::string(rows.text(row, 2));
    key.scopes = known_scopes(rows.text(row, 3));
    key.created_at = rows.time(row, 4);
    key.expires_at = rows.maybe_time(row, 5);
    key.revoked_at = rows.maybe_time(row, 6);
    key.last_used_at = rows.maybe_time(row, 7);
    return key;
}

KeyDigest read_digest(const Rows& rows, int row) {
    // The table takes no other length, so nothing is cut off or missing.
    KeyDigest digest{};
    const auto bytes = rows.bytes(row, kDigestColumn);
    std::ranges::copy(bytes.first(std::min(bytes.size(), digest.size())), digest.begin());
    return digest;
}

Result<ApiKey> only_key(const Rows& rows) {
    return rows.empty() ? Result<ApiKey>(Errc::not_found) : Result<ApiKey>(read_api_key(rows, 0));
}

Result<ApiKey> inserted_key(const Rows& rows) {
    if (!rows.boolean(0, kRoomColumn))
        return Errc::refused;
    // With room, only the prefix can have been in the way.
    return rows.is_null(0, 0) ? Result<ApiKey>(Errc::conflict) : Result<ApiKey>(read_api_key(rows, 0));
}

Result<ApiKey> rotated_key(const Rows& rows) {
    if (rows.is_null(0, kWasLiveColumn))
        return Errc::not_found;
    return rows.boolean(0, kWasLiveColumn) ? inserted_key(rows) : Result<ApiKey>(Errc::conflict);
}

// A prefix may come from the path of a request, and one that no key can have is simply not found.
Params prefix_of_request(const std::string& prefix) {
    Params params;
    params.text(clean_text(prefix));
    return params;
}

Params new_key_columns(const NewKey& key, std::int64_t most) {
    Params params;
    params.text(key.prefix)
        .text(key.name)
        .text(key.tenant)
        .text(to_string(key.scopes))
        .bytes(key.digest)
        .maybe_time(key.expires_at)
        .bigint(most);
    return params;
}

// What ended long ago makes room first. That stays done where no key is made.
Transaction making_key(const Statement& statement, Params params) {
    constexpr std::chrono::milliseconds kKept = KeyStore::kKeptAfterEnd;
    Transaction transaction = single(sql::kLockKeys, Params());
    transaction.push_back({&sql::kForgetKeys, Params().bigint(kKept.count())});
    transaction.push_back({&statement, std::move(params)});
    return transaction;
}

// Every replica of the API asks for all live keys every few seconds, and notes the uses that it saw. The other calls
// are an administrator's, and rare.
class PgKeyStore final : public KeyStore {
public:
    PgKeyStore(std::shared_ptr<Database> database, std::size_t most)
        : database_(std::move(database)), most_(static_cast<std::int64_t>(most)) {}

    Awaitable<Result<ApiKey>> insert(NewKey key, Deadline deadline) override {
        Transaction transaction = making_key(sql::kInsertKey, new_key_columns(key, most_));
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        co_return inserted_key(rows->back());
    }

    Awaitable<Result<std::vector<StoredKey>>> live(Deadline deadline) override {
        Transaction transaction = single(sql::kLiveKeys, Params());
        const auto rows = co_await database_->read(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        const Rows& found = rows->front();
        std::vector<StoredKey> keys;
        for (int row = 0; row < found.size(); ++row) {
            auto key = read_api_key(found, row);
            // Only a newer release knows what such a key allows.
            if (!key.scopes.empty())
                keys.push_back({std::move(key), read_digest(found, row)});
        }
        co_return keys;
    }

    Awaitable<Result<std::vector<ApiKey>>> list(std::optional<std::string> after, int limit,
                                                Deadline deadline) override {
        auto params = prefix_of_request(after.value_or(""));
        params.integer(limit);
        Transaction transaction = single(sql::kListKeys, std::move(params));
        const auto rows = co_await database_->read(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        std::vector<ApiKey> keys;
        for (int row = 0; row < rows->front().size(); ++row)
            keys.push_back(read_api_key(rows->front(), row));
        co_return keys;
    }

    Awaitable<Result<ApiKey>> get(std::string prefix, Deadline deadline) override {
        Transaction transaction = single(sql::kGetKey, prefix_of_request(prefix));
        const auto rows = co_await database_->read(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        co_return only_key(rows->front());
    }

    Awaitable<Result<ApiKey>> revoke(std::string prefix, Deadline deadline) override {
        Transaction transaction = single(sql::kRevokeKey, prefix_of_request(prefix));
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        co_return only_key(rows->front());
    }

    Awaitable<Result<ApiKey>> rotate(std::string prefix, NewKey successor, std::chrono::milliseconds overlap,
                                     Deadline deadline) override {
        auto params = new_key_columns(successor, most_);
        params.text(clean_text(prefix)).bigint(overlap.count());
        Transaction transaction = making_key(sql::kRotateKey, std::move(params));
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        co_return rotated_key(rows->back());
    }

    Awaitable<Result<void>> note_uses(std::vector<KeyUse> uses, Deadline deadline) override {
        // An empty array would cost a transaction that does nothing.
        if (uses.empty())
            co_return Result<void>();
        Params params;
        params.texts(uses, [](const KeyUse& use) -> std::string_view { return use.prefix; })
            .times(uses, [](const KeyUse& use) { return use.at; });
        Transaction transaction = single(sql::kNoteKeyUses, std::move(params));
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        co_return rows ? Result<void>() : Result<void>(rows.error());
    }

private:
    std::shared_ptr<Database> database_;
    std::int64_t most_;
};

} // namespace

std::unique_ptr<KeyStore> make_key_store(std::shared_ptr<Database> database, std::size_t most) {
    return std::make_unique<PgKeyStore>(std::move(database), most);
}

} // namespace smsbcast::adapters::postgres
