#include "ledger_json.hpp"

#include "smsbcast/base/json_text.hpp"

namespace smsbcast::mock {

namespace {

// The ledger is what tests compare with the database, so a row holds counts and not only states: a
// message that was accepted twice must show.
void append_row(std::string& out, const LedgerRow& row, const ProviderIds& ids) {
    JsonObject object(out);
    object.add("seq", row.seq);
    object.add("message_id", row.message);
    object.add("to", row.phone.text());
    object.add("idempotency_key", row.key);
    object.add("requests", row.requests);
    object.add("after_uncertain", row.after_uncertain);
    object.add("accepted", row.accepted);
    if (row.provider_number == 0)
        // A member that has no value is there as null, so a reader need not tell "missing" from
        // "none".
        object.add_null("provider_id");
    else
        object.add("provider_id", ids.text(row.provider_number));
    object.add("receipts_posted", row.receipts_posted);
    object.add("receipts_acknowledged", row.receipts_acknowledged);
    if (row.last_status == ReceiptStatus::none)
        object.add_null("last_receipt_status");
    else
        object.add("last_receipt_status", row.last_status == ReceiptStatus::failed ? "failed" : "delivered");
    object.add("first_at", row.first_at);
    object.add("last_at", row.last_at);
}

} // namespace

std::string to_json(const std::vector<LedgerRow>& rows, std::size_t limit, const ProviderIds& ids) {
    std::string out;
    // A page has up to 10,000 rows; growing step by step would copy megabytes.
    out.reserve(64 + rows.size() * 384);
    {
        JsonObject object(out);
        append_array(object.begin("data"), rows,
                     [&](std::string& text, const LedgerRow& row) { append_row(text, row, ids); });
        object.add("next_after", rows.size() < limit ? std::nullopt : std::optional(rows.back().seq));
    }
    return out;
}

} // namespace smsbcast::mock
