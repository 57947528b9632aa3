#include "smsbcast/app/send_board.hpp"
#include "support/app_ids.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace smsbcast;
using namespace smsbcast::test;
using app::EndedTicket;
using app::SendBoard;
using app::SendItem;
using app::TicketEnd;
using std::chrono::seconds;

namespace {

const auto kNow = SendBoard::TimePoint{} + std::chrono::hours(1);
const SendBoard::Validity kValidity{kNow + seconds(28), kNow + seconds(100)};

TicketRef ref(int number, int attempt = 1) {
    return {ticket_id(number), attempt};
}

/// Messages are numbered ticket * 100 + place.
TakenTicket ticket(int number, int broadcast, int messages, int attempt = 1) {
    TakenTicket taken{ref(number, attempt), broadcast_id(broadcast), std::make_shared<std::string>("text"), {}};
    for (int i = 0; i < messages; ++i)
        taken.messages.push_back({message_id(number * 100 + i), PhoneNumber::from_digits(66812345678), 0, 0, false});
    return taken;
}

DeliveryTag tag(std::uint64_t number) {
    return {1, number};
}

std::vector<int> send(SendBoard& board, std::size_t most, SendBoard::TimePoint now = kNow) {
    std::vector<int> sent;
    while (sent.size() < most) {
        const auto item = board.next(now);
        if (!item)
            break;
        sent.push_back(number_of(item->message.id.value));
    }
    return sent;
}

MessageResult result(const TicketRef& of, int message) {
    MessageResult out;
    out.ticket = of;
    out.message = message_id(message);
    return out;
}

std::vector<MessageResult> finish(SendBoard& board, const TicketRef& of, int first, int count) {
    std::vector<MessageResult> results;
    for (int i = 0; i < count; ++i) {
        board.finish(result(of, first + i));
        results.push_back(result(of, first + i));
    }
    return results;
}

struct Ended {
    int ticket;
    TicketEnd end;
    std::size_t tags;
    friend bool operator==(const Ended&, const Ended&) = default;
};

std::vector<Ended> ended(SendBoard& board) {
    std::vector<Ended> out;
    for (const auto& one : board.take_ended())
        out.push_back({number_of(one.ref.id.value), one.end, one.tags.size()});
    return out;
}

} // namespace

TEST_CASE("board: a probe is any message of any ticket, and one that was never tried before others", "[app][board]") {
    SendBoard board({});
    CHECK_FALSE(board.probe(kNow, 0.5, 0.5));
    auto tried = ticket(1, 1, 4), fresh = ticket(2, 1, 4);
    for (auto& message : tried.messages)
        message.key_generation = 1;
    fresh.messages[0].attempts = 1;
    board.add(std::move(tried), tag(1), kValidity);
    board.add(std::move(fresh), tag(2), kValidity);
    std::set<int> probed;
    for (int i = 0; i < 3; ++i) {
        const auto item = board.probe(kNow, 0.99 * i / 2, 0.99 * i / 2);
        REQUIRE(item);
        CHECK(item->ticket == ref(2));
        probed.insert(number_of(item->message.id.value));
    }
    CHECK(probed == std::set{201, 202, 203});
    for (int i = 0; i < 5; ++i)
        probed.insert(number_of(board.probe(kNow, 0.99, 0.99)->message.id.value));
    CHECK(probed == std::set{100, 101, 102, 103, 200, 201, 202, 203});
    CHECK_FALSE(board.probe(kNow, 0, 0));
    CHECK(board.in_flight() == 8);
    CHECK(board.ready() == 0);
}

TEST_CASE("board: one ticket is marked for a probe", "[app][board]") {
    SendBoard board({.mark_in_flight = true});
    for (int i = 1; i <= 4; ++i)
        board.add(ticket(i, 1, 10), tag(static_cast<std::uint64_t>(i)), kValidity);
    const auto asked = board.to_mark_for_probe(0.6);
    CHECK(asked == std::vector{ref(3)});
    CHECK(board.to_mark_for_probe(0.6).empty());
    board.marked(asked, asked);
    CHECK(board.to_mark_for_probe(0.6).empty());
    CHECK(board.probe(kNow, 0.5, 0.5)->ticket == ref(3));
    CHECK(board.to_mark(1000) == std::vector{ref(1), ref(2), ref(4)});
}

TEST_CASE("board: a ticket leaves when all of it is recorded, not before", "[app][board]") {
    SendBoard board({});
    board.add(ticket(1, 1, 3), tag(7), kValidity);
    CHECK(board.ready() == 3);
    CHECK(send(board, 10) == std::vector<int>{100, 101, 102});
    CHECK(board.in_flight() == 3);
    CHECK(board.ready() == 0);

    finish(board, ref(1), 100, 3);
    CHECK(board.in_flight() == 0);
    CHECK(board.results() == 3);
    auto first = board.take_results(2);
    REQUIRE(first.size() == 2);
    CHECK(board.results() == 1);
    CHECK(board.unrecorded() == 3);
    board.recorded(first);
    CHECK(ended(board).empty());
    CHECK(board.unrecorded() == 1);
    board.recorded(board.take_results(2));
    CHECK(board.empty());
    CHECK(ended(board) == std::vector<Ended>{{1, TicketEnd::finished, 1}});
    CHECK(ended(board).empty());
    CHECK(board.unrecorded() == 0);
}

TEST_CASE("board: an item carries what a submission and its log line need", "[app][board]") {
    SendBoard board({});
    board.add(ticket(1, 5, 1), tag(1), kValidity);
    const auto item = board.next(kNow);
    REQUIRE(item);
    CHECK(item->ticket == ref(1));
    CHECK(item->broadcast == broadcast_id(5));
    CHECK(*item->text == "text");
    CHECK(item->lease_until == kValidity.lease_until);
}

TEST_CASE("board: nothing goes out after the deadline of its broadcast", "[app][board]") {
    SendBoard board({});
    auto expiring = kValidity;
    expiring.expires_at = kNow + seconds(5);
    board.add(ticket(1, 1, 3), tag(1), expiring);
    board.add(ticket(2, 2, 3), tag(1), kValidity);
    const auto item = board.next(kNow);
    REQUIRE(item);
    CHECK(item->start_before == expiring.expires_at);
    CHECK(item->lease_until == kValidity.lease_until); // by which its answer may come
    CHECK(send(board, 10, kNow + seconds(5)) == std::vector<int>{200, 201, 202});

    // Neither a renewal nor a check in which the store's clock was behind ours changes that.
    const std::vector<TicketRef> held = board.held();
    const std::vector<BroadcastId> asked = board.broadcasts();
    CHECK(asked == std::vector{broadcast_id(1)});
    board.renewed(held, {}, kNow + seconds(60));
    board.checked(asked, {}, kNow + seconds(60));
    CHECK(send(board, 10, kNow + seconds(6)).empty());

    board.checked(asked, asked, kNow + seconds(60));
    CHECK(board.to_give_back().empty()); // one is on its way
    board.recorded(finish(board, ref(1), 100, 1));
    CHECK(board.to_give_back() == std::vector{ref(1)});
}

TEST_CASE("board: oldest first within a broadcast, in turns between them", "[app][board]") {
    SendBoard board({});
    for (int i = 1; i <= 8; ++i)
        board.add(ticket(i, 1, 3), tag(1), kValidity);
    CHECK(send(board, 4) == std::vector<int>{100, 101, 102, 200});
    board.add(ticket(9, 2, 2), tag(1), kValidity);
    CHECK(send(board, 6) == std::vector<int>{201, 900, 202, 901, 300, 301});
}

TEST_CASE("board: giving all back gives back what is here and not what comes later", "[app][board]") {
    SendBoard board({});
    board.add(ticket(1, 1, 2), tag(1), kValidity);
    board.add(ticket(2, 2, 1), tag(2), kValidity);
    CHECK(send(board, 2) == std::vector<int>{100, 200});
    board.give_back_all();
    board.add(ticket(3, 1, 1), tag(3), kValidity);
    CHECK(send(board, 3) == std::vector<int>{300});
    CHECK(board.to_give_back().empty());
    finish(board, ref(1), 100, 1);
    board.recorded(board.take_results(1));
    CHECK(board.to_give_back() == std::vector<TicketRef>{ref(1)});
}

TEST_CASE("board: unrecorded results are bounded", "[app][board]") {
    SendBoard board({.mark_in_flight = false, .most_unrecorded = 2});
    board.add(ticket(1, 1, 5), tag(1), kValidity);
    CHECK(send(board, 2).size() == 2);
    finish(board, ref(1), 100, 2);
    CHECK(send(board, 1).empty());
    const auto taken = board.take_results(1);
    CHECK(send(board, 1).empty());
    board.recorded(taken);
    CHECK(send(board, 5).size() == 3);
}

TEST_CASE("board: a ticket without messages is finished at once", "[app][board]") {
    SendBoard board({});
    board.add(ticket(1, 1, 0), tag(1), kValidity);
    CHECK(ended(board) == std::vector<Ended>{{1, TicketEnd::finished, 1}});
    CHECK(board.empty());
}

TEST_CASE("board: a delivery of what is here already is acknowledged with it", "[app][board]") {
    SendBoard board({});
    board.add(ticket(1, 1, 1), tag(1), kValidity);
    board.add(ticket(1, 1, 1), tag(2), kValidity);
    CHECK(board.tickets() == 1);
    CHECK(send(board, 9).size() == 1);
    finish(board, ref(1), 100, 1);
    board.recorded(board.take_results(9));
    CHECK(ended(board) == std::vector<Ended>{{1, TicketEnd::finished, 2}});
}

TEST_CASE("board: a newer attempt makes the older one lost", "[app][board]") {
    SendBoard board({});
    board.add(ticket(1, 1, 3, 1), tag(1), kValidity);
    CHECK(send(board, 1).size() == 1);
    board.add(ticket(1, 1, 2, 2), tag(2), kValidity);
    CHECK(board.ready() == 2);
    const auto item = board.next(kNow);
    REQUIRE(item);
    CHECK(item->ticket == ref(1, 2));
    CHECK(ended(board).empty());
    finish(board, ref(1, 1), 100, 1);
    board.recorded(board.take_results(9));
    CHECK(ended(board) == std::vector<Ended>{{1, TicketEnd::lost, 1}});
    CHECK(board.held() == std::vector<TicketRef>{ref(1, 2)});
}

TEST_CASE("board: the rest of a halted broadcast goes back once nothing of it is open", "[app][board]") {
    SendBoard board({});
    board.add(ticket(1, 1, 3), tag(1), kValidity);
    board.add(ticket(2, 2, 2), tag(2), kValidity);
    CHECK(send(board, 1) == std::vector<int>{100});
    const std::vector<BroadcastId> asked = board.broadcasts();
    CHECK(asked.size() == 2);
    const std::vector<BroadcastId> halted{broadcast_id(1)};
    board.checked(asked, halted, kNow + seconds(100));
    CHECK(board.ready() == 2);
    CHECK(send(board, 9) == std::vector<int>{200, 201});
    CHECK(board.broadcasts().empty());
    CHECK(board.to_give_back().empty());
    finish(board, ref(1), 100, 1);
    CHECK(board.to_give_back().empty());
    board.recorded(board.take_results(9));
    CHECK(board.to_give_back() == std::vector<TicketRef>{ref(1)});
    CHECK(ended(board).empty());
    board.given_back(board.to_give_back());
    CHECK(ended(board) == std::vector<Ended>{{1, TicketEnd::given_back, 1}});
}

TEST_CASE("board: a halted ticket that is all on its way simply finishes", "[app][board]") {
    SendBoard board({});
    board.add(ticket(1, 1, 2), tag(1), kValidity);
    CHECK(send(board, 9).size() == 2);
    const std::vector<BroadcastId> halted{broadcast_id(1)};
    board.checked(halted, halted, kNow);
    finish(board, ref(1), 100, 2);
    CHECK(board.to_give_back().empty());
    board.recorded(board.take_results(9));
    CHECK(ended(board) == std::vector<Ended>{{1, TicketEnd::finished, 1}});
}

TEST_CASE("board: a renewal can halt and lose tickets", "[app][board]") {
    SendBoard board({});
    for (int i = 1; i <= 3; ++i)
        board.add(ticket(i, i, 2), tag(1), kValidity);
    CHECK(send(board, 2) == std::vector<int>{100, 200});
    const auto asked = board.held();
    CHECK(asked.size() == 3);
    CHECK(board.renewed(asked, LeaseReport{.lost = {ticket_id(1)}, .halted = {ticket_id(3)}}, kNow + seconds(60)) == 1);
    CHECK(send(board, 9) == std::vector<int>{201});
    CHECK(board.to_give_back() == std::vector<TicketRef>{ref(3)});
    CHECK(board.held() == std::vector<TicketRef>{ref(2), ref(3)});
    CHECK(ended(board).empty());

    // What was on its way of a lost ticket is still told to the store.
    finish(board, ref(1), 100, 1);
    CHECK(board.results() == 1);
    board.recorded(board.take_results(9));
    CHECK(ended(board) == std::vector<Ended>{{1, TicketEnd::lost, 1}});
}

TEST_CASE("board: an idle ticket that is lost leaves at once", "[app][board]") {
    SendBoard board({});
    board.add(ticket(1, 1, 2), tag(1), kValidity);
    board.renewed(board.held(), LeaseReport{.lost = {ticket_id(1)}, .halted = {}}, kNow);
    CHECK(board.ready() == 0);
    CHECK(ended(board) == std::vector<Ended>{{1, TicketEnd::lost, 1}});
    CHECK_FALSE(board.next(kNow));
}

TEST_CASE("board: an old report does not touch a newer attempt", "[app][board]") {
    SendBoard board({});
    board.add(ticket(1, 1, 2, 1), tag(1), kValidity);
    const auto asked = board.held();
    board.add(ticket(1, 1, 2, 2), tag(2), kValidity);
    board.renewed(asked, LeaseReport{.lost = {ticket_id(1)}, .halted = {}}, kNow);
    CHECK(ended(board) == std::vector<Ended>{{1, TicketEnd::lost, 1}});
    CHECK(board.held() == std::vector<TicketRef>{ref(1, 2)});
    CHECK(send(board, 9).size() == 2);
}

TEST_CASE("board: nothing of a ticket goes out when its lease or its state is too old", "[app][board]") {
    SendBoard board({});
    const auto soon = kNow + seconds(5);
    const auto late = kNow + seconds(50);
    board.add(ticket(1, 1, 3), tag(1), GENERATE_COPY(SendBoard::Validity{soon, late}, SendBoard::Validity{late, soon}));
    board.add(ticket(2, 2, 3), tag(2), {late, late});
    CHECK(send(board, 2, soon - seconds(1)) == std::vector<int>{100, 200});
    CHECK(send(board, 9, soon) == std::vector<int>{201, 202});
    CHECK(board.ready() == 0);

    SECTION("and does again when both are renewed") {
        board.renewed(board.held(), LeaseReport{}, kNow + seconds(60));
        board.checked(board.broadcasts(), {}, kNow + seconds(60));
        CHECK(board.ready() == 2);
        CHECK(send(board, 9, soon) == std::vector<int>{101, 102});
    }
    SECTION("and is given back when it is halted then") {
        const std::vector<BroadcastId> halted{broadcast_id(1)};
        board.checked(board.broadcasts(), halted, late);
        finish(board, ref(1), 100, 1);
        board.recorded(board.take_results(1));
        CHECK(board.to_give_back() == std::vector<TicketRef>{ref(1)});
    }
}

TEST_CASE("board: an older answer does not shorten the validity", "[app][board]") {
    SendBoard board({});
    board.add(ticket(1, 1, 1), tag(1), kValidity);
    board.renewed(board.held(), LeaseReport{}, kNow - seconds(1));
    board.checked(board.broadcasts(), {}, kNow - seconds(1));
    CHECK(send(board, 1).size() == 1);
}

TEST_CASE("board: with marking, only as many tickets are marked as the submit loops need", "[app][board]") {
    SendBoard board({.mark_in_flight = true});
    for (int i = 1; i <= 4; ++i)
        board.add(ticket(i, 1, 10), tag(1), kValidity);
    CHECK_FALSE(board.next(kNow));
    CHECK(board.ready() == 0);

    const auto first = board.to_mark(15);
    CHECK(first == std::vector<TicketRef>{ref(1), ref(2)});
    CHECK(board.to_mark(15).empty());
    CHECK_FALSE(board.next(kNow));
    board.marked(first, first);
    CHECK(board.ready() == 20);
    CHECK(send(board, 5).size() == 5);
    CHECK(board.to_mark(15).empty());
    CHECK(send(board, 1).size() == 1);
    CHECK(board.to_mark(15) == std::vector<TicketRef>{ref(3)});
}

TEST_CASE("board: marking goes round the broadcasts", "[app][board]") {
    SendBoard board({.mark_in_flight = true});
    for (int i = 1; i <= 3; ++i)
        board.add(ticket(i, 1, 10), tag(1), kValidity);
    board.add(ticket(4, 2, 1), tag(1), kValidity);
    CHECK(board.to_mark(11) == std::vector<TicketRef>{ref(1), ref(4)});
}

TEST_CASE("board: what cannot be marked is tried again, what is not ours is lost", "[app][board]") {
    SendBoard board({.mark_in_flight = true});
    board.add(ticket(1, 1, 2), tag(1), kValidity);
    board.add(ticket(2, 1, 2), tag(2), kValidity);
    auto asked = board.to_mark(4);
    board.not_marked(asked);
    CHECK_FALSE(board.next(kNow));
    asked = board.to_mark(4);
    CHECK(asked.size() == 2);
    const std::vector<TicketRef> ours{ref(2)};
    board.marked(asked, ours);
    CHECK(ended(board) == std::vector<Ended>{{1, TicketEnd::lost, 1}});
    CHECK(send(board, 9) == std::vector<int>{200, 201});
}

TEST_CASE("board: a ticket is not given back while the store is being told of it", "[app][board]") {
    SendBoard board({.mark_in_flight = true});
    board.add(ticket(1, 1, 2), tag(1), kValidity);
    board.add(ticket(2, 1, 2), tag(2), kValidity);
    const auto asked = board.to_mark(1);
    CHECK(asked == std::vector<TicketRef>{ref(1)});
    board.stop();
    CHECK(board.to_give_back() == std::vector<TicketRef>{ref(2)});
    const bool works = GENERATE(true, false);
    if (works)
        board.marked(asked, asked);
    else
        board.not_marked(asked);
    CHECK(board.to_give_back() == std::vector<TicketRef>{ref(1), ref(2)});
    CHECK_FALSE(board.next(kNow));
    CHECK(board.to_mark(9).empty());
}

TEST_CASE("board: a ticket that is lost while it is being marked leaves afterwards", "[app][board]") {
    SendBoard board({.mark_in_flight = true});
    board.add(ticket(1, 1, 2), tag(1), kValidity);
    const auto asked = board.to_mark(1);
    board.renewed(board.held(), LeaseReport{.lost = {ticket_id(1)}, .halted = {}}, kNow);
    CHECK(ended(board).empty());
    const bool still_ours = GENERATE(true, false);
    board.marked(asked, still_ours ? asked : std::vector<TicketRef>{});
    CHECK(ended(board) == std::vector<Ended>{{1, TicketEnd::lost, 1}});
    CHECK_FALSE(board.next(kNow));
}

TEST_CASE("board: after a stop nothing goes out, also of what is still added", "[app][board]") {
    SendBoard board({});
    board.add(ticket(1, 1, 2), tag(1), kValidity);
    CHECK(send(board, 1).size() == 1);
    board.stop();
    board.add(ticket(2, 1, 2), tag(2), kValidity);
    CHECK_FALSE(board.next(kNow));
    CHECK(board.to_give_back() == std::vector<TicketRef>{ref(2)});
    finish(board, ref(1), 100, 1);
    board.recorded(board.take_results(9));
    board.given_back(board.to_give_back());
    CHECK(ended(board) == std::vector<Ended>{{1, TicketEnd::given_back, 1}, {2, TicketEnd::given_back, 1}});
    CHECK(board.empty());
}

TEST_CASE("board: answers about tickets that have left are ignored", "[app][board]") {
    SendBoard board({.mark_in_flight = true});
    const std::vector<TicketRef> gone{ref(1)};
    board.marked(gone, gone);
    board.not_marked(gone);
    CHECK(board.renewed(gone, LeaseReport{.lost = {ticket_id(1)}, .halted = {ticket_id(1)}}, kNow) == 0);
    board.given_back(gone);
    board.finish(result(ref(1), 100));
    board.recorded(std::vector<MessageResult>{result(ref(1), 100)});
    CHECK(board.empty());
    CHECK(board.unrecorded() == 0);
    CHECK(board.take_ended().empty());
}
