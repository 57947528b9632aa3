#include "transport/cursor.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::transport;

TEST_CASE("a cursor is good for its own list, broadcast and filter only", "[transport]") {
    const BroadcastId broadcast{new_uuid()}, other{new_uuid()};
    const Uuid last = new_uuid();
    const CursorScope scope{CursorScope::List::messages, broadcast, MessageStatus::failed};
    const auto text = make_cursor(scope, last);
    CHECK(read_cursor(scope, text) == last);
    CHECK_FALSE(read_cursor({CursorScope::List::messages, other, MessageStatus::failed}, text));
    CHECK_FALSE(read_cursor({CursorScope::List::messages, broadcast, MessageStatus::sent}, text));
    CHECK_FALSE(read_cursor({CursorScope::List::messages, broadcast, {}}, text));
    CHECK_FALSE(read_cursor({CursorScope::List::broadcasts, {}, {}}, text));
}

TEST_CASE("a cursor can stand in a query as it is", "[transport]") {
    for (int i = 0; i < 100; ++i) {
        const auto text = make_cursor({CursorScope::List::broadcasts, {}, {}}, new_uuid());
        CHECK(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
              std::string::npos);
    }
}

TEST_CASE("a changed cursor is refused", "[transport]") {
    const CursorScope scope{CursorScope::List::broadcasts, {}, {}};
    const auto text = make_cursor(scope, new_uuid());
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto changed = text;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        INFO(at);
        CHECK_FALSE(read_cursor(scope, changed));
    }
    for (const auto& other : {std::string(), std::string("x"), text + "A", text.substr(1), text + "=", "%" + text})
        CHECK_FALSE(read_cursor(scope, other));
}
