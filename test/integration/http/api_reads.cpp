#include "api_fixture.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

using Codes = std::vector<std::string>;

// Every id of a list, page by page; checks that each page but the last is full.
std::vector<std::string> walk(ApiWorld& world, const std::string& list, int limit) {
    std::vector<std::string> ids;
    std::string cursor;
    do {
        const std::string target =
            list + "limit=" + std::to_string(limit) + (cursor.empty() ? "" : "&cursor=" + cursor);
        const auto page = body_of(world.client.get(target));
        for (const auto& item : page.at("data").as_array())
            ids.emplace_back(item.at("id").as_string());
        const auto& next = page.at("next_cursor");
        cursor = next.is_null() ? "" : std::string(next.as_string());
        if (!cursor.empty())
            CHECK(page.at("data").as_array().size() == static_cast<std::size_t>(limit));
    } while (!cursor.empty());
    return ids;
}

} // namespace

TEST_CASE("a broadcast shows its state, its counts and the first messages", "[api]") {
    ApiWorld world;
    const auto id = world.add(250);
    world.store.broadcasts_by_age.back().expires_at = Timestamp(std::chrono::seconds(1'702'592'000));
    const auto answer = world.client.get("/api/broadcasts/" + to_string(id));
    REQUIRE(answer);
    CHECK(answer->status == 200);
    auto body = body_of(answer).as_object();
    CHECK(body.at("messages").as_array().size() == 100);
    const std::string cursor(body.at("next_cursor").as_string());
    body.erase("messages");
    body.erase("next_cursor");
    CHECK(boost::json::value(body) == boost::json::parse(R"({"id":")" + to_string(id) + R"(","name":null,
        "message":"a \"text\"","status":"running","total_recipients":250,"counts":{"pending":250,"queued":0,"sending":0,
        "sent":0,"unknown":0,"delivered":0,"failed":0,"canceled":0,"expired":0,"suppressed":0},
        "created_at":"2023-11-14T22:13:20.123Z","expires_at":"2023-12-14T22:13:20.000Z","completed_at":null})"));
    const auto next = body_of(world.client.get("/api/broadcasts/" + to_string(id) + "/messages?cursor=" + cursor));
    CHECK(next.at("data").at(0).at("phone_number") == "+66810000100");
    const auto small = world.add(100);
    CHECK(body_of(world.client.get("/api/broadcasts/" + to_string(small))).at("next_cursor").is_null());
}

TEST_CASE("a message shows everything that is known of it", "[api]") {
    ApiWorld world;
    world.add(1);
    auto& message = world.store.messages_by_id.front();
    const auto url = "/api/messages/" + to_string(message.id);
    auto body = body_of(world.client.get(url)).as_object();
    CHECK(boost::json::value(body) == boost::json::parse(R"({"id":")" + to_string(message.id) +
                                                         R"(","phone_number":"+66810000000","status":"pending",
        "created_at":"1970-01-01T00:00:00.000Z","queued_at":null,"sent_at":null,"delivered_at":null,"attempts":0,
        "provider_id":null,"error":null,"possible_duplicate":false,"broadcast_id":")" +
                                                         to_string(message.broadcast) + R"(","attempt_history":[]})"));
    world.server.on_shard([&] {
        message.status = MessageStatus::failed;
        message.attempts = 2;
        message.sent_at = Timestamp(std::chrono::seconds(1));
        message.provider_id = "p\n1";
        message.error = MessageError{"400", "rejected", "no \"such\" number"};
        world.store.attempts = {{1, Timestamp(std::chrono::seconds(2)), {"timeout", "unknown", "no answer"}}};
    });
    body = body_of(world.client.get(url)).as_object();
    CHECK(body.at("status") == "failed");
    CHECK(body.at("sent_at") == "1970-01-01T00:00:01.000Z");
    CHECK(body.at("provider_id") == "p\n1");
    CHECK(body.at("error") ==
          boost::json::parse(R"({"code":"400","class":"rejected","message":"no \"such\" number"})"));
    CHECK(body.at("attempt_history") == boost::json::parse(R"([{"number":1,"at":"1970-01-01T00:00:02.000Z",
        "error":{"code":"timeout","class":"unknown","message":"no answer"}}])"));
}

TEST_CASE("lists are walked page by page, each element once", "[api]") {
    ApiWorld world;
    std::set<std::string> all;
    for (int i = 0; i < 7; ++i)
        all.insert(to_string(world.add()));
    for (const int limit : {1, 3, 7, 1000}) {
        const auto ids = walk(world, "/api/broadcasts?", limit);
        CHECK(std::set(ids.begin(), ids.end()) == all);
        CHECK(ids.size() == all.size());
        CHECK(std::ranges::is_sorted(ids, std::greater<>())); // newest first
    }
    const auto id = world.add(30);
    for (std::size_t i = 0; i < 30; i += 3)
        world.store.messages_by_id[i].status = MessageStatus::sent;
    const auto list = "/api/broadcasts/" + to_string(id) + "/messages?";
    CHECK(walk(world, list, 4).size() == 30);
    CHECK(walk(world, list + "status=sent&", 4).size() == 10);
    CHECK(walk(world, list + "status=pending&", 20).size() == 20);
    CHECK(walk(world, list + "status=failed&", 4).empty());
}

TEST_CASE("the largest page is followed by another when it is full", "[api]") {
    ApiWorld world;
    const auto id = world.add(1000);
    CHECK(walk(world, "/api/broadcasts/" + to_string(id) + "/messages?", 1000).size() == 1000);
}

TEST_CASE("ids that are malformed or unknown are told apart", "[api]") {
    ApiWorld world;
    const auto unknown = to_string(new_uuid());
    for (const std::string url : {"/api/broadcasts/{}", "/api/broadcasts/{}/messages", "/api/messages/{}"}) {
        const auto with = [&](const std::string& id) { return std::string(url).replace(url.find("{}"), 2, id); };
        for (const auto& id : std::vector<std::string>{"1", "not-an-id", unknown.substr(1), unknown + "0", "%20"}) {
            const auto answer = world.client.get(with(id));
            INFO(with(id));
            CHECK(answer->status == 400);
            CHECK(body_of(answer).at("code") == "malformed_id");
            CHECK(errors_of(answer) == Codes{"id:malformed_id"});
        }
        CHECK(world.client.get(with(unknown))->status == 404);
    }
}

TEST_CASE("a broadcast of another tenant is answered as one that never was", "[api]") {
    ApiWorld world;
    const auto own = to_string(world.add());
    const auto theirs = world.add(1);
    world.store.tenants[theirs] = "another";
    const auto message = to_string(world.store.messages_by_id.back().id);
    const auto refusal = [&](const std::string& target) {
        const auto answer = world.client.get(target);
        REQUIRE(answer);
        CHECK(answer->status == 404);
        auto body = body_of(answer).as_object();
        body.erase("request_id");
        return boost::json::serialize(body);
    };
    for (const std::string url : {"/api/broadcasts/{}", "/api/broadcasts/{}/messages", "/api/messages/{}"}) {
        const auto with = [&](const std::string& id) { return std::string(url).replace(url.find("{}"), 2, id); };
        const auto id = url.starts_with("/api/messages") ? message : to_string(theirs);
        CHECK(refusal(with(id)) == refusal(with(to_string(new_uuid()))));
    }
    const auto paused = world.client.post("/api/broadcasts/" + to_string(theirs) + "/pause", "", "");
    CHECK(paused->status == 404);
    CHECK(walk(world, "/api/broadcasts?", 10) == std::vector{own});
}

TEST_CASE("wrong parameters are named", "[api]") {
    ApiWorld world;
    const auto id = to_string(world.add(5));
    const auto other = to_string(world.add(5));
    const auto list = "/api/broadcasts/" + id + "/messages?";
    const auto refused = [&](const std::string& target) {
        const auto answer = world.client.get(target);
        CHECK(answer->status == 422);
        return errors_of(answer);
    };
    for (const std::string limit : {"0", "1001", "-1", "x", "", "1x", "1.5", "99999999999999999999", "%2B5"})
        CHECK(refused(list + "limit=" + limit) == Codes{"limit:out_of_range"});
    CHECK(refused(list + "status=lost") == Codes{"status:unknown_status"});
    CHECK(refused(list + "limit=5&limit=5") == Codes{"limit:duplicate"});
    CHECK(refused(list + "Limit=5&page=2") == Codes{"Limit:unknown_parameter", "page:unknown_parameter"});
    CHECK(refused("/api/broadcasts?status=sent") == Codes{"status:unknown_parameter"});
    CHECK(refused("/api/broadcasts/" + id + "?x=1") == Codes{"x:unknown_parameter"});
    CHECK(refused(list + "limit=0&cursor=x&status=y") ==
          Codes{"status:unknown_status", "limit:out_of_range", "cursor:invalid_cursor"});

    const std::string cursor(body_of(world.client.get(list + "limit=2")).at("next_cursor").as_string());
    CHECK(world.client.get(list + "cursor=" + cursor)->status == 200);
    CHECK(refused(list + "status=pending&cursor=" + cursor) == Codes{"cursor:invalid_cursor"});
    CHECK(refused("/api/broadcasts/" + other + "/messages?cursor=" + cursor) == Codes{"cursor:invalid_cursor"});
    CHECK(refused("/api/broadcasts?cursor=" + cursor) == Codes{"cursor:invalid_cursor"});
    auto forged = cursor;
    forged[30] = forged[30] == 'A' ? 'B' : 'A';
    CHECK(refused(list + "cursor=" + forged) == Codes{"cursor:invalid_cursor"});
    CHECK(refused(list + "cursor=") == Codes{"cursor:invalid_cursor"});
}

TEST_CASE("a broadcast is paused, resumed and canceled, and told why not", "[api]") {
    ApiWorld world;
    const auto id = to_string(world.add(1));
    const auto command = [&](const std::string& name, std::string_view body = {}) {
        return world.client.post("/api/broadcasts/" + id + "/" + name, body, "");
    };
    const auto paused = command("pause");
    CHECK(paused->status == 200);
    CHECK(body_of(paused) == boost::json::parse(R"({"broadcast_id":")" + id + R"(","status":"paused"})"));
    CHECK(body_of(command("pause", "{}")).at("status") == "paused");
    CHECK(body_of(command("resume", " { } \n")).at("status") == "running");
    CHECK(body_of(command("cancel")).at("status") == "canceling");
    const auto refused = command("resume");
    CHECK(refused->status == 409);
    CHECK(body_of(refused).at("code") == "conflict");
    CHECK(command("pause", R"({"x":1})")->status == 422);
    CHECK(command("pause", "[]")->status == 422);
    CHECK(command("explode")->status == 404);
    CHECK(world.client.get("/api/broadcasts/" + id + "/pause")->status == 405);
    CHECK(world.client.post("/api/broadcasts/x/pause", "", "")->status == 400);
    CHECK(world.client.post("/api/broadcasts/" + to_string(new_uuid()) + "/pause", "", "")->status == 404);
}
