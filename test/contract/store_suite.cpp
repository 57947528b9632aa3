#include "store_suite.hpp"

#include "store_cases.hpp"

namespace smsbcast::test {

std::vector<StoreCase> store_cases() {
    std::vector<StoreCase> cases;
    for (const auto& group :
         {store_broadcast_cases(),    store_command_cases(), store_outbox_cases(),  store_ticket_cases(),
          store_lease_cases(),        store_result_cases(),  store_retry_cases(),   store_race_cases(),
          store_receipt_cases(),      store_inbox_cases(),   store_sweep_cases(),   store_cancel_cases(),
          store_expiry_cases(),       store_hold_cases(),    store_restore_cases(), store_matrix_cases(),
          store_refusal_cases(),      store_scale_cases(),   store_rule_cases(),    store_ending_rule_cases(),
          store_differential_cases(), store_tenant_cases(),  store_key_cases(),     store_key_end_cases(),
          store_key_room_cases()})
        cases.insert(cases.end(), group.begin(), group.end());
    return cases;
}

} // namespace smsbcast::test
