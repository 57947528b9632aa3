#include "mock_impl.hpp"

#include "fault_settings.hpp"
#include "ledger_json.hpp"

#include "smsbcast/base/json_text.hpp"
#include "smsbcast/http/query.hpp"

#include <charconv>
#include <limits>

namespace smsbcast::mock {

namespace {

// A row has some 350 bytes, so a page stays below 4 MB.
constexpr std::size_t kMaxRows = 10'000;

// The routes below steer and observe the mock. They are no part of the wire that a provider speaks,
// hence the prefix /_mock.
http::Response json_response(std::string body) {
    http::Response response;
    response.body = std::move(body);
    return response;
}

http::Response no_content() {
    http::Response response;
    response.status = 204;
    return response;
}

struct LedgerQuery {
    std::uint64_t after = 0;
    std::uint64_t limit = 100;
    std::optional<MessageId> message;
    std::vector<http::FieldError> errors;
};

// A wrong number is an error and not the default: a test that asks for a page that does not exist
// should hear of it.
void read_number(const http::Query& query, std::string_view name, std::uint64_t least, std::uint64_t most,
                 std::uint64_t& into, std::vector<http::FieldError>& errors) {
    const auto text = query.get(name);
    if (!text)
        return;
    std::uint64_t number = 0;
    const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (ec == std::errc{} && end == text->data() + text->size() && number >= least && number <= most)
        into = number;
    else
        errors.push_back({std::string(name), {}, "invalid", "is out of its bounds"});
}

LedgerQuery read_ledger_query(std::string_view text) {
    const http::Query query(text);
    LedgerQuery out;
    // Unknown names are refused, since a misspelt filter would return everything.
    out.errors = query.mistakes({"after", "limit", "message_id"});
    // The page begins behind `after`, and adding one must not wrap around.
    read_number(query, "after", 0, std::numeric_limits<std::uint64_t>::max() - 1, out.after, out.errors);
    read_number(query, "limit", 1, kMaxRows, out.limit, out.errors);
    if (const auto id_text = query.get("message_id")) {
        const auto id = parse_uuid(*id_text);
        if (id)
            out.message = MessageId{*id};
        else
            out.errors.push_back({"message_id", {}, "invalid", "must be a UUID"});
    }
    return out;
}

} // namespace

Awaitable<http::Response> MockProvider::Impl::get_faults(const http::Request&) {
    co_return json_response(to_json(faults_));
}

Awaitable<http::Response> MockProvider::Impl::change_faults(const http::Request& request) {
    const auto changed = mock::change_faults(faults_, request.body);
    // The faults stay as they were, so a test never runs with half of what it asked for.
    if (const auto* problem = std::get_if<http::Problem>(&changed))
        co_return http::to_response(*problem, request.request_id);
    faults_ = std::get<MockFaults>(changed);
    co_return json_response(to_json(faults_));
}

Awaitable<http::Response> MockProvider::Impl::reset_faults(const http::Request&) {
    // The faults of the start are those of the command line, which may be faulty on purpose.
    faults_ = options_.faults;
    co_return json_response(to_json(faults_));
}

Awaitable<http::Response> MockProvider::Impl::get_stats(const http::Request&) {
    std::string out;
    {
        JsonObject object(out);
        object.add("requests", stats_.requests);
        object.add("most_in_flight", stats_.most_in_flight);
        object.add("accepted", stats_.accepted);
        object.add("duplicates", stats_.duplicates);
        object.add("distinct_messages", ledger_.messages());
        // This is the number that must stay 0: a message under two provider ids is a second SMS.
        object.add("accepted_twice", ledger_.accepted_twice());
        object.add("rejected", stats_.rejected);
        object.add("throttled", stats_.throttled);
        object.add("errors", stats_.errors);
        object.add("hangs", stats_.hangs);
        object.add("resets", stats_.resets);
        object.add("truncated", stats_.truncated);
        object.add("receipts_posted", receipts_.stats().posted);
        object.add("receipts_acknowledged", receipts_.stats().acknowledged);
        object.add("receipts_failed", receipts_.stats().failed);
        object.add("receipts_waiting", receipts_.waiting());
    }
    co_return json_response(std::move(out));
}

Awaitable<http::Response> MockProvider::Impl::get_ledger(const http::Request& request) {
    auto query = read_ledger_query(request.query);
    if (!query.errors.empty()) {
        const http::Problem problem{400, "invalid_query", "The query is not accepted.", std::move(query.errors), {}};
        co_return http::to_response(problem, request.request_id);
    }
    if (!query.message)
        co_return json_response(to_json(ledger_.page(query.after, query.limit), query.limit, ids_));
    std::vector<LedgerRow> rows;
    if (auto row = ledger_.find(*query.message))
        rows.push_back(std::move(*row));
    // A limit that is never reached makes it the last page.
    co_return json_response(to_json(rows, query.limit + 1, ids_));
}

Awaitable<http::Response> MockProvider::Impl::clear_ledger(const http::Request&) {
    // Receipts that wait are posted all the same: their acceptances were answered.
    ledger_.clear();
    receipts_.clear_stats();
    stats_ = {};
    co_return no_content();
}

} // namespace smsbcast::mock
