#pragma once

#include "smsbcast/http/client.hpp"

#include <string>
#include <string_view>

namespace smsbcast::http {

/// False when a part holds a character that would end it early: the text behind it would be read as
/// another field, or as another request.
bool is_well_formed(const ClientRequest& request);

/// Replaces `out`, whose memory is reused, by the bytes of the request.
void write_request(std::string& out, const ClientRequest& request, std::string_view host_header);

} // namespace smsbcast::http
