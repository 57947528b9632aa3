#pragma once

#include "job.hpp"

#include "smsbcast/base/result.hpp"
#include "smsbcast/ports/broadcast_store.hpp"

#include <string_view>

namespace smsbcast::adapters::sqlite {

// These are the reads of BroadcastStore. Each runs in one snapshot, on a thread that reads.

Result<Broadcast> read_broadcast(Transaction& transaction, std::string_view tenant, BroadcastId id);
std::vector<Broadcast> read_broadcasts(Transaction& transaction, std::string_view tenant,
                                       std::optional<BroadcastId> before, int limit);
Result<std::vector<Message>> read_messages(Transaction& transaction, const MessageQuery& query);
Result<MessageWithAttempts> read_message(Transaction& transaction, std::string_view tenant, MessageId id);

} // namespace smsbcast::adapters::sqlite
