#include "adapters/rabbitmq/content_reader.hpp"

#include <catch2/catch.hpp>

namespace smsbcast::adapters::rabbitmq {

namespace {

amqp_frame_t method_frame(amqp_method_number_t id, void* arguments) {
    amqp_frame_t frame{};
    frame.frame_type = AMQP_FRAME_METHOD;
    frame.payload.method = {id, arguments};
    return frame;
}

amqp_frame_t header_frame(std::uint64_t size, amqp_basic_properties_t& properties) {
    amqp_frame_t frame{};
    frame.frame_type = AMQP_FRAME_HEADER;
    frame.payload.properties.body_size = size;
    frame.payload.properties.decoded = &properties;
    return frame;
}

amqp_frame_t body_frame(std::string_view piece) {
    amqp_frame_t frame{};
    frame.frame_type = AMQP_FRAME_BODY;
    frame.payload.body_fragment = to_bytes(piece);
    return frame;
}

struct Feed {
    ContentReader reader{16};
    std::optional<Content> content;

    bool operator()(const amqp_frame_t& frame) { return reader.feed(frame, content); }
};

} // namespace

TEST_CASE("content reader: puts a delivery together from its frames") {
    Feed feed;
    amqp_basic_deliver_t deliver{};
    deliver.delivery_tag = 42;
    deliver.redelivered = 1;
    amqp_basic_properties_t properties{};
    CHECK(feed(method_frame(AMQP_BASIC_DELIVER_METHOD, &deliver)));
    CHECK(feed(header_frame(5, properties)));
    CHECK(feed(body_frame("hel")));
    CHECK_FALSE(feed.content);
    CHECK(feed(body_frame("lo")));
    REQUIRE(feed.content);
    CHECK(feed.content->delivery_tag == 42);
    CHECK(feed.content->redelivered);
    CHECK_FALSE(feed.content->returned);
    CHECK(feed.content->body == "hello");
}

TEST_CASE("content reader: knows how often a delivery was given back before") {
    Feed feed;
    amqp_basic_deliver_t deliver{};
    amqp_table_entry_t entries[2]{};
    entries[0].key = to_bytes("x-death");
    entries[0].value.kind = AMQP_FIELD_KIND_BOOLEAN;
    entries[1].key = to_bytes("x-delivery-count");
    entries[1].value.kind = AMQP_FIELD_KIND_I64;
    entries[1].value.value.i64 = 3;
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_HEADERS_FLAG;
    properties.headers = {2, entries};
    feed(method_frame(AMQP_BASIC_DELIVER_METHOD, &deliver));
    feed(header_frame(0, properties));
    REQUIRE(feed.content);
    CHECK(feed.content->given_back == 3);
    properties.headers = {1, entries};
    feed(method_frame(AMQP_BASIC_DELIVER_METHOD, &deliver));
    feed(header_frame(0, properties));
    CHECK(feed.content->given_back == 0);
}

TEST_CASE("content reader: a returned message keeps the tag that was written into it") {
    Feed feed;
    amqp_basic_return_t back{312, to_bytes("NO_ROUTE"), amqp_empty_bytes, amqp_empty_bytes};
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_CORRELATION_ID_FLAG;
    properties.correlation_id = to_bytes("17");
    feed(method_frame(AMQP_BASIC_RETURN_METHOD, &back));
    feed(header_frame(0, properties));
    REQUIRE(feed.content);
    CHECK(feed.content->returned);
    CHECK(feed.content->reply_text == "NO_ROUTE");
    CHECK(feed.content->correlation_id == "17");
}

TEST_CASE("content reader: does not keep what is too long, and goes on after it") {
    Feed feed;
    amqp_basic_deliver_t deliver{};
    amqp_basic_properties_t properties{};
    feed(method_frame(AMQP_BASIC_DELIVER_METHOD, &deliver));
    feed(header_frame(100, properties));
    for (int piece = 0; piece < 10; ++piece)
        feed(body_frame("0123456789"));
    REQUIRE(feed.content);
    CHECK(feed.content->body.size() == 17);
    feed.content.reset();
    feed(method_frame(AMQP_BASIC_DELIVER_METHOD, &deliver));
    feed(header_frame(2, properties));
    feed(body_frame("ok"));
    REQUIRE(feed.content);
    CHECK(feed.content->body == "ok");
}

TEST_CASE("content reader: leaves other frames alone") {
    Feed feed;
    amqp_basic_ack_t ack{};
    amqp_basic_properties_t properties{};
    CHECK_FALSE(feed(method_frame(AMQP_BASIC_ACK_METHOD, &ack)));
    CHECK_FALSE(feed(header_frame(3, properties)));
    CHECK_FALSE(feed(body_frame("abc")));
    CHECK_FALSE(feed.content);
}

} // namespace smsbcast::adapters::rabbitmq
