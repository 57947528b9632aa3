#include "connection_watch.hpp"

#include "smsbcast/base/chaos.hpp"

#include <algorithm>

// Transactions are sent here in libpq's pipeline mode (PostgreSQL 15, 34.5): all statements go out
// behind one another and one sync ends them. So a transaction costs one round trip, and without an
// explicit BEGIN the server commits it at the sync or undoes all of it.

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {
constexpr int kBinary = 1;
} // namespace

// Nothing means that libpq did not take a part of it. The sync was not sent then, so the server
// cannot have committed anything.
std::optional<std::vector<Connection::Step>> Connection::send_transaction(const Transaction& transaction) {
    PGconn* const c = handle_.get();
    if (PQenterPipelineMode(c) == 0)
        return std::nullopt;
    std::vector<Step> steps;
    // A statement that occurs twice in one transaction must be prepared once: the second PREPARE of
    // the same name would fail, and the transaction with it.
    const auto is_known = [&](const Statement* statement) {
        const auto same = [&](const Step& step) { return step.query->statement == statement; };
        return prepared_.contains(statement) || std::any_of(steps.begin(), steps.end(), same);
    };
    for (const auto& query : transaction) {
        if (!is_known(query.statement)) {
            const char* const name = query.statement->name;
            // No types are given (0, nullptr): the casts in the SQL decide them, so a text and its
            // parameters cannot disagree unnoticed.
            const char* const text = chaos::statement_text("postgres", name, query.statement->text);
            if (PQsendPrepare(c, name, text, 0, nullptr) == 0)
                return std::nullopt;
            steps.push_back({&query, true});
        }
        const auto& values = query.params.values();
        std::vector<const char*> data;
        std::vector<int> lengths, formats(values.size(), kBinary);
        for (const auto& value : values) {
            data.push_back(value ? value->data() : nullptr);
            lengths.push_back(value ? static_cast<int>(value->size()) : 0);
        }
        if (PQsendQueryPrepared(c, query.statement->name, static_cast<int>(values.size()), data.data(), lengths.data(),
                                formats.data(), kBinary) == 0)
            return std::nullopt;
        steps.push_back({&query, false});
    }
    return PQpipelineSync(c) != 0 ? std::optional(std::move(steps)) : std::nullopt;
}

// Each step gives one result and a null, also one that was skipped after an error; the sync gives
// PGRES_PIPELINE_SYNC. A server that goes down gives nulls without end instead, hence their count.
// What was prepared stays prepared even if the transaction then fails, since PREPARE is not undone
// by a rollback.
Awaitable<Result<std::vector<Rows>>> Connection::read_results(const std::vector<Step>& steps) {
    const std::string_view first = steps.front().query->statement->name;
    std::vector<Rows> rows;
    std::optional<Errc> error;
    std::size_t at = 0;
    for (int nulls = 0; nulls < 2;) {
        auto result = co_await next_result();
        if (broken_ || (result && is_failure(result.get()) && is_local(result.get()))) {
            const auto code = lost(first, true);
            // An error that the server reported has undone the transaction, whatever happened to
            // the connection after that.
            co_return error.value_or(code); // a failure that was reported before the end is certain
        }
        if (!result) {
            ++nulls;
            continue;
        }
        nulls = 0;
        if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC)
            break;
        // The bound guards against a server, or something in between, that answers more often than
        // it was asked.
        const Step& step = steps[std::min(at++, steps.size() - 1)];
        if (is_failure(result.get())) {
            // The steps behind a failed one come back as PGRES_PIPELINE_ABORTED, which says nothing
            // of their own.
            if (!error)
                error = failed(step.query->statement->name, result.get());
        } else if (step.prepares) {
            prepared_.insert(step.query->statement);
        } else {
            rows.emplace_back(std::move(result));
        }
    }
    // Leaving pipeline mode fails while results are outstanding. Then the position in the protocol
    // is unknown, and the connection must not be used for the next transaction.
    if (PQexitPipelineMode(handle_.get()) == 0 || PQstatus(handle_.get()) != CONNECTION_OK) {
        const auto code = lost(first, true);
        co_return error.value_or(code);
    }
    if (error)
        co_return *error;
    co_return rows;
}

Awaitable<Result<std::vector<Rows>>> Connection::run(const Transaction& transaction, Deadline deadline) {
    const Watch watch(*this, deadline);
    const auto steps = send_transaction(transaction);
    const std::string_view first = transaction.front().statement->name;
    if (!steps)
        co_return lost(first, false);
    const bool flushed = co_await flush();
    if (!flushed)
        co_return lost(first, false);
    auto rows = co_await read_results(*steps);
    // The answers could not be matched with the statements, so none of them may be believed.
    if (rows && rows->size() != transaction.size()) {
        broken_ = true;
        co_return Errc::internal;
    }
    co_return rows;
}

} // namespace smsbcast::adapters::postgres
