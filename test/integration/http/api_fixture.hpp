#pragma once

#include "server_fixture.hpp"
#include "support/fake_transport_store.hpp"

#include "smsbcast/transport/broadcast_api.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace smsbcast::test {

inline boost::json::value body_of(const std::optional<HttpAnswer>& answer) {
    return boost::json::parse(answer.value().body);
}

/// `field[index]:code` of each error of a problem.
inline std::vector<std::string> errors_of(const std::optional<HttpAnswer>& answer) {
    std::vector<std::string> found;
    const auto body = body_of(answer);
    if (const auto* errors = body.as_object().if_contains("errors"))
        for (const auto& error : errors->as_array()) {
            const auto& index = error.at("index");
            found.push_back(std::string(error.at("field").as_string()) +
                            (index.is_null() ? "" : "[" + boost::json::serialize(index) + "]") + ":" +
                            std::string(error.at("code").as_string()));
        }
    return found;
}

/// The API over a store in memory, and one connection to it.
class ApiWorld {
public:
    explicit ApiWorld(app::BroadcastLimits limits = {.max_recipients = 300,
                                                     .max_message_chars = 20,
                                                     .ticket_size = 100},
                      transport::BroadcastApiOptions options = {})
        : create_(store, limits), api_(create_, store, options), server(api_.routes()), client(server.connect()) {}

    FakeTransportStore store;

private:
    app::CreateBroadcast create_;
    transport::BroadcastApi api_;

public:
    TransportServer server;
    TransportClient client;

    std::optional<HttpAnswer> create(std::string_view body) { return client.post("/api/broadcasts", body); }

    /// A broadcast in the store, with so many messages.
    BroadcastId add(int messages = 0, BroadcastStatus status = BroadcastStatus::running) {
        Broadcast broadcast;
        broadcast.id = BroadcastId{new_uuid()};
        while (!store.broadcasts_by_age.empty() && broadcast.id <= store.broadcasts_by_age.back().id)
            broadcast.id = BroadcastId{new_uuid()};
        broadcast.text = "a \"text\"";
        broadcast.status = status;
        broadcast.total = messages;
        broadcast.counts[MessageStatus::pending] = messages;
        broadcast.created_at = Timestamp(std::chrono::milliseconds(1'700'000'000'123));
        UuidBlock ids;
        for (int i = 0; i < messages; ++i) {
            Message message;
            message.id = MessageId{ids.next()};
            message.broadcast = broadcast.id;
            message.phone = PhoneNumber::from_digits(66810000000u + static_cast<unsigned>(i));
            store.messages_by_id.push_back(message);
        }
        store.broadcasts_by_age.push_back(broadcast);
        return broadcast.id;
    }
};

} // namespace smsbcast::test
