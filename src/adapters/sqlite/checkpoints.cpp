#include "checkpoints.hpp"

#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <utility>

namespace smsbcast::adapters::sqlite {

namespace {

// A reader that keeps its snapshot keeps the log from being begun anew. Without this distance each
// commit would then attempt a checkpoint that cannot finish.
constexpr int kPagesBetween = 1000;

// SQLite calls this after each commit with the length of the log. Setting a hook replaces SQLite's
// own one, which is what autocheckpoint is made of.
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
    // A checkpoint of another program (the sqlite3 shell) changes the file behind our back. The
    // mark must follow, or the next opening would take this file for a stranger.
    if (pages_ < due_at_) {
        mark_.follow();
        return;
    }
    due_at_ = pages_ + kPagesBetween;
    run();
}

void Checkpoints::run() {
    // PASSIVE never waits for readers. What it could not bring over stays in the log, and a later
    // one does it.
    static_cast<void>(run(SQLITE_CHECKPOINT_PASSIVE));
    mark_.end_writing();
}

void Checkpoints::close() {
    // The readers' connections are closed by now, so nothing but another program can hold this one
    // up.
    const int code = run(SQLITE_CHECKPOINT_TRUNCATE);
    if (code != SQLITE_OK) // nothing is lost: the log is read when the file is next opened
        log::warn("store_not_checkpointed", {{"reason", sqlite3_errmsg(db_.handle())}});
    mark_.end_writing(code == SQLITE_OK);
}

int Checkpoints::run(int mode) {
    // The mark on the disk says "under way" before the first page of the file changes. After a
    // crash in between, the state of the file proves nothing, and the mark then says so.
    mark_.begin_writing();
    chaos::failpoint("store.before_checkpoint");
    const int code = sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, mode, nullptr, nullptr);
    chaos::failpoint("store.after_checkpoint");
    return code;
}

} // namespace smsbcast::adapters::sqlite
