#pragma once

#include "contract/store_driver.hpp"

#include "adapters/sqlite/calls.hpp"

#include "smsbcast/adapters/sqlite/sqlite.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace smsbcast::test {

/// A folder of its own, removed with all that is in it.
class TempFolder {
public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    std::string file(const std::string& name = "store.db") const { return (path_ / name).string(); }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// The SQLite stores on a file of their own, or on a given one.
class SqliteFixture final : public StoreFixture {
public:
    SqliteFixture();
    explicit SqliteFixture(adapters::sqlite::SqliteParams params);
    ~SqliteFixture() override { close(); }

    void expire(BroadcastId broadcast) override;
    void put(MessageId message, const MessageFacts& facts, bool flagged) override;
    void clear() override;
    void pass(std::chrono::milliseconds time) override;
    StoreImage image() override;
    void put_scopes(const std::string& prefix, const std::string& scopes) override;
    void refuse(MessageId message) override;
    void accept_again() override;

    const TempFolder& folder() const { return folder_.value(); }
    const std::shared_ptr<adapters::sqlite::Database>& shared() const { return database_; }

    /// Closes the file, and opens it again.
    void open();
    void close();

    /// SQL on the writer's connection, in its transaction.
    void execute(const std::string& sql);

    /// In a reader's snapshot. What is NULL is empty.
    std::vector<std::vector<std::string>> rows(const std::string& sql);

    /// The first column of the first row, in a reader's snapshot.
    std::int64_t number(const std::string& sql);

    /// Holds a thread of the database up until the returned pointer is let go.
    std::shared_ptr<void> hold_writer();
    std::shared_ptr<void> hold_readers();

private:
    std::shared_ptr<void> hold(adapters::sqlite::JobQueue& queue, int threads);

    std::optional<TempFolder> folder_;
    adapters::sqlite::SqliteParams params_;
    std::shared_ptr<adapters::sqlite::Database> database_;
    std::unique_ptr<adapters::sqlite::Calls> calls_;
};

} // namespace smsbcast::test
