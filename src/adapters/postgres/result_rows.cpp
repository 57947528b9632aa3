#include "result_rows.hpp"

#include "lock_statements.hpp"
#include "result_statements.hpp"

#include "smsbcast/base/chaos.hpp"
#include "smsbcast/domain/message_rules.hpp"
#include "smsbcast/domain/message_text.hpp"
#include "smsbcast/domain/retry_tickets.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace smsbcast::adapters::postgres {

namespace {

// These words are cast to message_status in kRecordResults, except for `retry`, which leaves the
// status as it is.
std::string_view step_name(NextStep step) {
    switch (step) {
    case NextStep::sent: return "sent";
    case NextStep::failed: return "failed";
    case NextStep::unknown: return "unknown";
    case NextStep::retry: return "retry";
    }
    return "failed";
}

template <class Member>
auto error_text(Member member) {
    return [member](const auto& row) -> std::optional<std::string> {
        const auto& error = row.result.verdict.error;
        return error ? std::optional(clean_text((*error).*member)) : std::nullopt;
    };
}

// PostgreSQL 8.15.6: an array as text. unnest() would take the arrays of all rows for one, so each row's travels as a
// text that the statement casts. Null: there are none.
std::optional<std::string> array_text(const std::vector<std::string>& values) {
    if (values.empty())
        return std::nullopt;
    std::string out;
    for (const auto& value : values) {
        out += out.empty() ? "{\"" : ",\"";
        for (const char c : clean_text(value)) {
            if (c == '"' || c == '\\')
                out += '\\';
            out += c;
        }
        out += '"';
    }
    return out + '}';
}

// A batch travels as one array per column, so a thousand results are one statement with a fixed
// number of parameters and one plan.
Params columns(const std::vector<ResultRow>& rows, std::int32_t writer, std::chrono::milliseconds resolve_within) {
    const auto verdict = [](auto member) {
        return [member](const ResultRow& row) { return row.result.verdict.*member; };
    };
    Params params;
    params.uuids(rows, [](const ResultRow& row) { return row.result.message.value; })
        .uuids(rows, [](const ResultRow& row) { return row.result.ticket.id.value; })
        .integers(rows, [](const ResultRow& row) { return row.result.ticket.fence; })
        .texts(rows, [](const ResultRow& row) { return step_name(row.result.verdict.step); })
        .integers(rows, verdict(&Verdict::attempts))
        .integers(rows, verdict(&Verdict::key_generation))
        .booleans(rows, verdict(&Verdict::maybe_sent))
        .texts(rows,
               [](const ResultRow& row) {
                   const auto& id = row.result.provider_id;
                   return id ? std::optional(clean_text(*id)) : std::nullopt;
               })
        .texts(rows, error_text(&MessageError::code))
        .texts(rows, error_text(&MessageError::error_class))
        .texts(rows, error_text(&MessageError::message))
        .texts(rows, [](const ResultRow& row) { return std::string_view(row.result.provider); })
        .uuids(rows, [](const ResultRow& row) { return row.new_ticket; })
        .bigints(rows, [](const ResultRow& row) { return std::int64_t{row.result.verdict.delay.count()}; })
        .booleans(rows, [](const ResultRow& row) { return was_taken(row.result.verdict); })
        .integer(writer)
        .bigint(resolve_within.count())
        .text(kByReceipt)
        .texts(rows, [](const ResultRow& row) { return array_text(row.result.references); });
    return params;
}

// It moves the first row of each message to the result and leaves the others for the next turn.
// Within one statement every CTE sees the same snapshot, so a second row of a message would not see
// what the first one did.
std::vector<ResultRow> first_of_each(std::vector<ResultRow>& rows) {
    std::vector<ResultRow> first, others;
    for (auto& row : rows) {
        const bool again = !first.empty() && first.back().result.message == row.result.message;
        (again ? others : first).push_back(std::move(row));
    }
    rows = std::move(others);
    return first;
}

// A statement inserts the tickets that it names. Were a later turn to name one of them again, its
// insert would meet an existing row and fail the whole batch.
void name_other_tickets(std::vector<ResultRow>& rows) {
    std::map<Uuid, Uuid> others;
    for (auto& row : rows)
        if (row.new_ticket)
            row.new_ticket = others.try_emplace(*row.new_ticket, new_uuid()).first->second;
}

} // namespace

std::vector<ResultRow> result_rows(std::vector<MessageResult> results) {
    // The order by message makes rows of one message neighbours, which first_of_each() relies on;
    // by fence, the later attempt has the last word.
    std::stable_sort(results.begin(), results.end(), [](const MessageResult& a, const MessageResult& b) {
        return std::tie(a.message, a.ticket.fence) < std::tie(b.message, b.ticket.fence);
    });
    RetryTickets tickets;
    std::vector<ResultRow> rows;
    rows.reserve(results.size());
    for (auto& result : results) {
        std::optional<Uuid> ticket;
        if (result.verdict.step == NextStep::retry) {
            const auto place = tickets.place_for(result.ticket, result.verdict);
            ticket = place.id.value;
            result.verdict.delay = place.delay;
        }
        rows.push_back({std::move(result), ticket});
    }
    return rows;
}

Transaction record_transaction(std::vector<MessageResult> results, std::int32_t writer,
                               std::chrono::milliseconds resolve_within) {
    auto rows = result_rows(std::move(results));
    // Results of one ticket arrive by the hundred, and each ticket is locked once.
    std::set<Uuid> tickets;
    for (const auto& row : rows)
        tickets.insert(row.result.ticket.id.value);
    Params message_ids, ticket_ids;
    message_ids.uuids(rows, [](const ResultRow& row) { return row.result.message.value; });
    ticket_ids.uuids(tickets, [](const Uuid& id) { return id; });
    Transaction transaction;
    transaction.push_back({&sql::kLockMessages, message_ids});
    transaction.push_back({&sql::kLockTickets, std::move(ticket_ids)});
    auto turn = first_of_each(rows);
    message_ids.integer(writer);
    // A later turn may count in a broadcast that comes before those of the first turn, so the order
    // of locks on counts would break. All of them are locked up front then.
    if (!rows.empty())
        transaction.push_back({&sql::kLockCounts, message_ids});
    while (!turn.empty()) {
        transaction.push_back({&sql::kRecordResults, columns(turn, writer, resolve_within)});
        turn = first_of_each(rows);
        name_other_tickets(turn);
    }
    // This defect exists in the chaos build alone. It shows that the checkers notice counts that
    // lag behind their rows.
    if (chaos::mutant("counts_in_two_transactions")) {
        static constexpr Statement kCommit{"commit", "COMMIT"};
        transaction.push_back({&kCommit, Params()});
        transaction.push_back({&sql::kLockCounts, std::move(message_ids)});
    }
    return transaction;
}

} // namespace smsbcast::adapters::postgres
