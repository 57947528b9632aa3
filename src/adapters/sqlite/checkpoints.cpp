#include "checkpoints.hpp"

#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <utility>

namespace smsbcast::adapters::sqlite {

namespace {

// While a reader keeps the log from being begun anew, it is not tried with every commit.
constexpr int kPagesBetween = 1000;

int note_pages(void* into, sqlite3*, const char*, int pages) {
    *static_cast<int*>(into) = pages;
    return SQLITE_OK;
}

} // namespace

Checkpoints::Checkpoints(Connection& db, MarkFile& mark, int pages)
    : db_(db), mark_(mark), least_(pages), due_at_(pages) {
    sqlite3_wal_hook(db_.handle(), note_pages, &pages_);
}

Checkpoints::~Checkpoints() {
    sqlite3_wal_hook(db_.handle(), nullptr, nullptr);
}

void Checkpoints::after_commit() {
    if (pages_ < least_)
        due_at_ = least_; // the log was begun anew
    if (pages_ < due_at_) {
        mark_.follow();
        return;
    }
    due_at_ = pages_ + kPagesBetween;
    run();
}

void Checkpoints::run() {
    static_cast<void>(run(SQLITE_CHECKPOINT_PASSIVE));
    mark_.end_writing();
}

void Checkpoints::close() {
    const int code = run(SQLITE_CHECKPOINT_TRUNCATE);
    if (code != SQLITE_OK) // nothing is lost: the log is read when the file is next opened
        log::warn("store_not_checkpointed", {{"reason", sqlite3_errmsg(db_.handle())}});
    mark_.end_writing(code == SQLITE_OK);
}

int Checkpoints::run(int mode) {
    mark_.begin_writing();
    chaos::failpoint("store.before_checkpoint");
    const int code = sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, mode, nullptr, nullptr);
    chaos::failpoint("store.after_checkpoint");
    return code;
}

} // namespace smsbcast::adapters::sqlite
