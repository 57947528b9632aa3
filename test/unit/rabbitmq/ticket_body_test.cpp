#include "adapters/rabbitmq/ticket_body.hpp"

#include <catch2/catch.hpp>

#include <random>

namespace smsbcast::adapters::rabbitmq {

namespace {

const std::string kId = "018c2e65-4b7a-7cc3-98c4-dc0c0c07398f";
const Uuid kOurs = *parse_uuid("7f3a0c11-52d4-4e6b-9a01-2b7c6d8e9f00");

TicketRef ticket(int attempt) {
    return {TicketId{*parse_uuid(kId)}, attempt};
}

TicketBody body_of_nobody(int attempt) {
    return {ticket(attempt), std::nullopt};
}

} // namespace

TEST_CASE("ticket body: is written in one compact form") {
    CHECK(write_ticket_body(ticket(3), kOurs) ==
          R"({"v":1,"ticket":"018c2e65-4b7a-7cc3-98c4-dc0c0c07398f","attempt":3,)"
          R"("installation":"7f3a0c11-52d4-4e6b-9a01-2b7c6d8e9f00"})");
}

TEST_CASE("ticket body: what is written can be read") {
    for (const int attempt : {0, 1, 41, 2147483647})
        CHECK(read_ticket_body(write_ticket_body(ticket(attempt), kOurs)) == TicketBody{ticket(attempt), kOurs});
}

TEST_CASE("ticket body: order, white space and other members do not matter") {
    const auto body = GENERATE_REF(R"({"attempt":3,"ticket":")" + kId + R"(","v":1})",
                                   " \t\r\n{ \"v\" : 1 ,\n\"ticket\"\t: \"" + kId + "\" , \"attempt\" : 3 } \n",
                                   R"({"v":1,"x":{"v":2,"a":[1,-2.5e+3,true,false,null,"\"}\u00e9\\",{}]},"ticket":")" +
                                       kId + R"(","attempt":3})",
                                   R"({"v":1,"ticket":"018C2E65-4B7A-7CC3-98C4-DC0C0C07398F","attempt":3,"":[]})");
    CHECK(read_ticket_body(body) == body_of_nobody(3));
}

TEST_CASE("ticket body: everything else is refused") {
    const auto with = [](std::string v, std::string id, std::string attempt) {
        return R"({"v":)" + v + R"(,"ticket":)" + id + R"(,"attempt":)" + attempt + "}";
    };
    const std::string id = '"' + kId + '"';
    const std::vector<std::string> bodies{"",
                                          " ",
                                          "{}",
                                          "[]",
                                          "null",
                                          "1",
                                          "\"v\"",
                                          "{",
                                          "{\"v\"",
                                          "{\"v\":1",
                                          with("2", id, "3"),
                                          with("0", id, "3"),
                                          with("1.0", id, "3"),
                                          with("\"1\"", id, "3"),
                                          with("true", id, "3"),
                                          with("1", "\"\"", "3"),
                                          with("1", "7", "3"),
                                          with("1", "\"" + kId + "0\"", "3"),
                                          with("1", kId, "3"),
                                          with("1", "\"00000000-0000-0000-0000-000000000000\"", "3"),
                                          with("1", id, "-1"),
                                          with("1", id, "2147483648"),
                                          with("1", id, "99999999999999999999"),
                                          with("1", id, "3.5"),
                                          with("1", id, "03"),
                                          with("1", id, "3e0"),
                                          with("1", id, "\"3\""),
                                          with("1", id, ""),
                                          with("1", id, "+3"),
                                          with("1", id, "3,"),
                                          with("1", id, "3,\"v\":1"),
                                          with("1", id, "3,\"x\":"),
                                          with("1", id, "3,\"x\":tru"),
                                          with("1", id, "3,\"x\":[1,]"),
                                          with("1", id, "3,\"x\":\"\\x\""),
                                          with("1", id, "3,\"x\":\"\\u12g4\""),
                                          with("1", id, "3,\"x\":\"\n\""),
                                          with("1", id, "3,\"x\":01"),
                                          with("1", id, "3,\"x\":1."),
                                          with("1", id, "3,\"x\":[[[[[[[[[[1]]]]]]]]]]"),
                                          with("1", id, "3,x:1"),
                                          with("1", id, "3,\"installation\":\"\""),
                                          with("1", id, "3,\"installation\":7"),
                                          with("1", id, "3,\"installation\":null"),
                                          with("1", id, "3,\"installation\":" + id + ",\"installation\":" + id),
                                          with("1", id, "3,\"installation\":\"" + std::string(36, '0') + '"'),
                                          with("1", id, "3,\"installation\":\"00000000-0000-0000-0000-000000000000\""),
                                          with("1", id, "3") + "x",
                                          with("1", id, "3") + with("1", id, "3"),
                                          "\xef\xbb\xbf" + with("1", id, "3"),
                                          with("1", id, "3,\"x\":\"" + std::string(kMaxTicketBody, 'x') + "\""),
                                          std::string("\0{}", 3)};
    for (const auto& body : bodies) {
        CAPTURE(body);
        CHECK_FALSE(read_ticket_body(body));
    }
}

TEST_CASE("ticket body: no bytes make the reader go astray") {
    std::mt19937 draw(11);
    const auto good = write_ticket_body(ticket(3), kOurs);
    const std::string letters = "{}[]\":,\\u0123456789.eE+- \n\tvticketatemptrufalsn\x01\xff";
    for (int round = 0; round < 20000; ++round) {
        auto body = good;
        for (auto changes = draw() % 4 + 1; changes > 0; --changes) {
            const auto at = draw() % (body.size() + 1);
            if (draw() % 2 == 0)
                body.insert(at, 1, letters[draw() % letters.size()]);
            else
                body.erase(at, draw() % 5);
        }
        if (const auto read = read_ticket_body(body))
            CHECK(read->ticket.fence >= 0);
    }
}

} // namespace smsbcast::adapters::rabbitmq
