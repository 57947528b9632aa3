#pragma once

#include "store_suite.hpp"

namespace smsbcast::test {

std::span<const StoreCase> store_broadcast_cases();
std::span<const StoreCase> store_command_cases();
std::span<const StoreCase> store_outbox_cases();
std::span<const StoreCase> store_ticket_cases();
std::span<const StoreCase> store_lease_cases();
std::span<const StoreCase> store_result_cases();
std::span<const StoreCase> store_retry_cases();
std::span<const StoreCase> store_race_cases();
std::span<const StoreCase> store_receipt_cases();
std::span<const StoreCase> store_inbox_cases();
std::span<const StoreCase> store_sweep_cases();
std::span<const StoreCase> store_cancel_cases();
std::span<const StoreCase> store_expiry_cases();
std::span<const StoreCase> store_hold_cases();
std::span<const StoreCase> store_tenant_cases();
std::span<const StoreCase> store_restore_cases();
std::span<const StoreCase> store_matrix_cases();
std::span<const StoreCase> store_refusal_cases();
std::span<const StoreCase> store_scale_cases();
std::span<const StoreCase> store_rule_cases();
std::span<const StoreCase> store_ending_rule_cases();
std::span<const StoreCase> store_differential_cases();
std::span<const StoreCase> store_key_cases();
std::span<const StoreCase> store_key_end_cases();
std::span<const StoreCase> store_key_room_cases();

} // namespace smsbcast::test
