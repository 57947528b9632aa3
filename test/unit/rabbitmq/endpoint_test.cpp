#include "adapters/rabbitmq/endpoint.hpp"
#include "adapters/rabbitmq/topology.hpp"

#include "smsbcast/adapters/rabbitmq/rabbitmq.hpp"

#include <catch2/catch.hpp>

#include <boost/asio/io_context.hpp>

#include <stdexcept>

namespace smsbcast::adapters::rabbitmq {

TEST_CASE("amqp url: parts and defaults") {
    const auto full = parse_amqp_url("amqp://us%40er:p%3Aw@broker.example:5673/v%2Fh");
    REQUIRE(full.has_value());
    CHECK(full->host == "broker.example");
    CHECK(full->port == 5673);
    CHECK(full->user == "us@er");
    CHECK(full->password == "p:w");
    CHECK(full->vhost == "v/h");
    for (const auto* url :
         {"amqp://guest:guest@localhost:5672/", "amqp://localhost", "amqp://", "amqp://localhost/%2f"}) {
        const auto usual = parse_amqp_url(url);
        REQUIRE(usual.has_value());
        CHECK(usual->host == "localhost");
        CHECK(usual->port == 5672);
        CHECK(usual->user == "guest");
        CHECK(usual->vhost == "/");
    }
    CHECK(parse_amqp_url("amqp://[::1]:5672/")->host == "::1");
}

TEST_CASE("amqp url: what cannot be used is told without the password") {
    CHECK(check_amqp_url("amqp://guest:guest@localhost:5672/").empty());
    CHECK_THAT(check_amqp_url("amqps://u:sesame@h/"), Catch::Contains("amqps:// is not supported yet"));
    CHECK_THAT(check_amqp_url("amqp://u:sesame@h:0/"), Catch::Contains("port"));
    for (const std::string url : {"", "localhost:5672", "http://u:sesame@h/", "amqp://u:sesame@h:99999/",
                                  "amqp://u:ses@ame@h/", "amqp://u:sesame@h/a/b", "amqp://u:sesame@h/v?heartbeat=3"}) {
        CAPTURE(url);
        CHECK_THAT(check_amqp_url(url), Catch::Contains("AMQP URL") && !Catch::Contains("ses"));
    }
    CHECK_FALSE(check_amqp_url(std::string_view("amqp://h\0", 9)).empty());
}

TEST_CASE("rabbitmq: bad parameters throw before anything starts") {
    boost::asio::io_context shard;
    const auto refuses = [&](auto change) {
        RabbitParams params;
        params.installation = new_uuid();
        change(params);
        CHECK_THROWS_AS(make_ticket_publisher(shard, params), std::invalid_argument);
        CHECK_THROWS_AS(make_ticket_consumer(shard, params), std::invalid_argument);
    };
    using std::chrono::milliseconds;
    refuses([](RabbitParams& params) { params.url = "amqps://h/"; });
    refuses([](RabbitParams& params) { params.installation = {}; });
    refuses([](RabbitParams& params) { params.queue_prefix = std::string(201, 'a'); });
    refuses([](RabbitParams& params) { params.queue_prefix = "a b"; });
    refuses([](RabbitParams& params) { params.queue_prefix = "amq.sms"; });
    refuses([](RabbitParams& params) { params.prefetch = 0; });
    refuses([](RabbitParams& params) { params.prefetch = 65536; });
    refuses([](RabbitParams& params) { params.heartbeat = milliseconds(999); });
    refuses([](RabbitParams& params) { params.call_timeout = milliseconds(0); });
    CHECK(shard.run() == 0);
}

TEST_CASE("rabbitmq: without a prefix the names are made of the installation's id") {
    const auto prefix = default_prefix(*parse_uuid("7F3A0C11-52d4-4e6b-9a01-2b7c6d8e9f00"));
    CHECK(prefix == "smsbcast.2b7c6d8e9f00");
    CHECK(is_good_prefix(prefix));
    CHECK(Topology(prefix).queue == "smsbcast.2b7c6d8e9f00.send");
    CHECK(Topology(prefix).parked == "smsbcast.2b7c6d8e9f00.parked");
}

} // namespace smsbcast::adapters::rabbitmq
