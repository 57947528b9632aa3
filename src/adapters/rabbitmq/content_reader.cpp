#include "content_reader.hpp"

#include <utility>

namespace smsbcast::adapters::rabbitmq {

namespace {

std::int64_t delivery_count(const amqp_table_t& headers) {
    for (int i = 0; i < headers.num_entries; ++i) {
        const auto& [key, value] = headers.entries[i];
        // RabbitMQ sets this header on redeliveries from quorum queues, as a signed 64-bit integer;
        // the first delivery has none.
        if (to_view(key) == "x-delivery-count" && value.kind == AMQP_FIELD_KIND_I64)
            return value.value.i64;
    }
    return 0;
}

} // namespace

bool ContentReader::feed(const amqp_frame_t& frame, std::optional<Content>& out) {
    if (frame.frame_type == AMQP_FRAME_METHOD)
        return begin(frame.payload.method);
    // A header or a body without a method before it belongs to something that was not ours to read.
    if (!open_)
        return false;
    if (frame.frame_type == AMQP_FRAME_HEADER) {
        // AMQP 0-9-1, 4.2.6: the header frame announces the size of the body, which may then come
        // in any number of frames, or in none.
        missing_ = frame.payload.properties.body_size;
        read_header(*static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded));
    } else if (frame.frame_type == AMQP_FRAME_BODY) {
        // One byte more than the limit is kept: enough to show that the body is too long, whatever
        // its true length.
        const auto piece = to_view(frame.payload.body_fragment);
        open_->body.append(piece.substr(0, max_body_ + 1 - open_->body.size()));
        // A broker that sends more than it announced must not make the count wrap around.
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
    // Properties whose flag is not set hold whatever was in memory.
    if ((properties._flags & AMQP_BASIC_CORRELATION_ID_FLAG) != 0)
        open_->correlation_id = to_view(properties.correlation_id);
    if ((properties._flags & AMQP_BASIC_HEADERS_FLAG) != 0)
        open_->given_back = delivery_count(properties.headers);
}

} // namespace smsbcast::adapters::rabbitmq
