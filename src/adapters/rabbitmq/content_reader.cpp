#include "content_reader.hpp"

#include <utility>

namespace smsbcast::adapters::rabbitmq {

namespace {

std::int64_t delivery_count(const amqp_table_t& headers) {
    for (int i = 0; i < headers.num_entries; ++i) {
        const auto& [key, value] = headers.entries[i];
        if (to_view(key) == "x-delivery-count" && value.kind == AMQP_FIELD_KIND_I64)
            return value.value.i64;
    }
    return 0;
}

} // namespace

bool ContentReader::feed(const amqp_frame_t& frame, std::optional<Content>& out) {
    if (frame.frame_type == AMQP_FRAME_METHOD)
        return begin(frame.payload.method);
    if (!open_)
        return false;
    if (frame.frame_type == AMQP_FRAME_HEADER) {
        missing_ = frame.payload.properties.body_size;
        read_header(*static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded));
    } else if (frame.frame_type == AMQP_FRAME_BODY) {
        const auto piece = to_view(frame.payload.body_fragment);
        open_->body.append(piece.substr(0, max_body_ + 1 - open_->body.size()));
        missing_ -= std::min<std::uint64_t>(missing_, piece.size());
    } else {
        return false;
    }
    if (missing_ == 0)
        out = std::exchange(open_, std::nullopt);
    return true;
}

bool ContentReader::begin(const amqp_method_t& method) {
    Content content;
    if (method.id == AMQP_BASIC_DELIVER_METHOD) {
        const auto& deliver = decoded<amqp_basic_deliver_t>(method);
        content.delivery_tag = deliver.delivery_tag;
        content.redelivered = deliver.redelivered != 0;
    } else if (method.id == AMQP_BASIC_RETURN_METHOD) {
        const auto& back = decoded<amqp_basic_return_t>(method);
        content.returned = true;
        content.reply_code = back.reply_code;
        content.reply_text = to_view(back.reply_text);
    } else {
        return false;
    }
    open_ = std::move(content);
    return true;
}

void ContentReader::read_header(const amqp_basic_properties_t& properties) {
    if ((properties._flags & AMQP_BASIC_CORRELATION_ID_FLAG) != 0)
        open_->correlation_id = to_view(properties.correlation_id);
    if ((properties._flags & AMQP_BASIC_HEADERS_FLAG) != 0)
        open_->given_back = delivery_count(properties.headers);
}

} // namespace smsbcast::adapters::rabbitmq
