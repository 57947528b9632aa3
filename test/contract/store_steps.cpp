#include "store_steps.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace smsbcast::test {

using namespace std::chrono_literals;
using Time = StoreModel::Time;

namespace {

// Times that are drawn end in between those that pass, so that nothing depends on how long the calls take.
constexpr Time kPass = 20min;
constexpr Time kHalf = 10min;

const char* const kErrorClasses[] = {"rejected", "disputed", "throttled", "not_sent", "unknown", "refused"};

} // namespace

std::vector<StoreStep> random_steps(std::mt19937& random, std::size_t count) {
    std::vector<double> weights;
    for (const auto& kind : StoreWalk::kinds())
        weights.push_back(kind.weight);
    std::discrete_distribution<std::size_t> kinds(weights.begin(), weights.end());
    std::vector<StoreStep> steps;
    while (steps.size() < count)
        steps.push_back({kinds(random), static_cast<std::uint32_t>(random())});
    return steps;
}

const std::vector<StoreWalk::Kind>& StoreWalk::kinds() {
    static const std::vector<Kind> kinds{
        {"create", 6, &StoreWalk::create},
        {"command", 5, &StoreWalk::command},
        {"claim", 8, &StoreWalk::claim},
        {"confirm", 8, &StoreWalk::confirm},
        {"release", 2, &StoreWalk::release},
        {"take", 16, &StoreWalk::take_tickets},
        {"begin", 5, &StoreWalk::begin},
        {"renew", 4, &StoreWalk::renew},
        {"give back", 3, &StoreWalk::give_back},
        {"record", 16, &StoreWalk::record},
        {"receive", 10, &StoreWalk::receive},
        {"pass", 6, &StoreWalk::pass_time},
        {"expire leases", 4, &StoreWalk::expire_leases},
        {"requeue", 3, &StoreWalk::requeue},
        {"match the inbox", 3, &StoreWalk::match},
        {"finish cancels", 3, &StoreWalk::cancel},
        {"expire broadcasts", 3, &StoreWalk::expire},
        {"end the unresolved", 3, &StoreWalk::end_unresolved},
        {"complete", 2, &StoreWalk::complete},
        {"hold", 1, &StoreWalk::hold},
        {"end the hold", 3, &StoreWalk::end_hold},
    };
    return kinds;
}

StoreWalk::StoreWalk(StoreFixture& fixture) : fixture_(fixture), workers_{{new_uuid()}, {new_uuid()}} {
    fixture_.clear();
}

std::optional<std::string> StoreWalk::take(const StoreStep& step) {
    const auto& kind = kinds().at(step.kind);
    random_.seed(step.seed);
    did_ = kind.name;
    differs_.clear();
    const bool was_held = model_.is_held();
    (this->*kind.take)();
    compare();
    if (model_.is_held() && !was_held)
        pass(kPass); // what is created from now on is younger than the hold
    if (differs_.empty())
        return std::nullopt;
    return did_ + ":" + differs_;
}

std::size_t StoreWalk::draw(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
}

Time StoreWalk::draw_time() {
    return kHalf + kPass * static_cast<int>(draw(4));
}

template <class T>
void StoreWalk::expect(const T& store, const T& model, const char* what) {
    if (store != model)
        differs_ += fmt::format("\n  {}: the store says {}, the model {}", what, store, model);
}

template <class T>
T StoreWalk::value(boost::asio::awaitable<Result<T>> call) {
    Result<T> result = fixture_.run(std::move(call));
    if (!result)
        throw std::runtime_error(did_ + " failed: " + result.error().message());
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

void StoreWalk::until_done(const std::function<bool()>& step) {
    constexpr int kMaxSteps = 1000; // far more than a small store has rows
    for (int steps = 0; !step(); ++steps)
        if (steps == kMaxSteps)
            throw std::runtime_error(did_ + " does not come to an end");
}

void StoreWalk::sweep(const std::function<boost::asio::awaitable<Result<std::int64_t>>()>& call) {
    until_done([&] { return value(call()) == 0; });
}

void StoreWalk::compare() {
    const auto image = fixture_.image();
    const auto expected = model_.lines();
    std::vector<std::string> more, less;
    std::ranges::set_difference(image.lines, expected, std::back_inserter(more));
    std::ranges::set_difference(expected, image.lines, std::back_inserter(less));
    for (const auto& line : more)
        differs_ += "\n  the store: " + line;
    for (const auto& line : less)
        differs_ += "\n  the model: " + line;
    model_.learn(image);
}

// Some that wait or are held, mostly by the attempt that they have.
std::map<std::size_t, int> StoreWalk::draw_tickets(bool held) {
    std::vector<std::size_t> places;
    for (std::size_t place = 0; place < model_.tickets().size(); ++place)
        if (model_.tickets()[place].id && (one_in(8) || model_.tickets()[place].owner.has_value() == held))
            places.push_back(place);
    std::map<std::size_t, int> tickets;
    for (std::size_t left = places.empty() ? 0 : 1 + draw(3); left > 0; --left) {
        const auto place = places.at(draw(places.size()));
        const int attempt = model_.tickets()[place].facts.fence;
        tickets[place] = std::max(0, attempt - (one_in(6) ? 1 : 0));
    }
    for (const auto& [place, attempt] : tickets)
        did_ += fmt::format(" ticket {} attempt {}", place, attempt);
    return tickets;
}

std::vector<TicketRef> StoreWalk::refs_of(const std::map<std::size_t, int>& tickets) const {
    std::vector<TicketRef> refs;
    for (const auto& [place, attempt] : tickets)
        refs.push_back({model_.tickets().at(place).id.value(), attempt});
    return refs;
}

std::set<std::size_t> StoreWalk::places_of(const std::vector<TicketId>& tickets) {
    std::set<std::size_t> places;
    for (const auto& id : tickets) {
        const auto at = std::ranges::find(model_.tickets(), std::optional(id), &StoreModel::Ticket::id);
        places.insert(static_cast<std::size_t>(at - model_.tickets().begin()));
    }
    return places;
}

void StoreWalk::create() {
    NewBroadcast broadcast{BroadcastId{new_uuid()}, std::nullopt, "a text", {}, static_cast<int>(1 + draw(3)), {}};
    for (std::size_t left = 1 + draw(5); left > 0; --left)
        broadcast.recipients.push_back(PhoneNumber::from_digits(next_phone_++));
    const auto expires_in = one_in(3) ? std::optional(draw_time()) : std::nullopt;
    if (expires_in)
        broadcast.expires_at = std::chrono::floor<std::chrono::milliseconds>(wall_clock()) + *expires_in;
    const auto id = broadcast.id;
    const auto ticket_size = broadcast.ticket_size;
    did_ += fmt::format(" {} recipients, {} a ticket", broadcast.recipients.size(), ticket_size);
    value(test::create(fixture_.broadcasts(), std::move(broadcast), StoreFixture::deadline()));
    std::vector<MessageId> ids;
    MessageQuery query{id, std::nullopt, std::nullopt, 1000, kTenant};
    for (const auto& message : value(fixture_.broadcasts().messages(query, StoreFixture::deadline())))
        ids.push_back(message.id);
    model_.create(id, ids, ticket_size, expires_in);
}

void StoreWalk::command() {
    if (model_.broadcasts().empty())
        return;
    const auto place = draw(model_.broadcasts().size());
    const auto command = static_cast<BroadcastCommand>(std::min<std::size_t>(2, draw(5)));
    did_ += fmt::format(" {} broadcast {}", to_string(command), place);
    const auto id = model_.broadcasts()[place].id;
    const auto done = fixture_.run(fixture_.broadcasts().command(kTenant, id, command, StoreFixture::deadline()));
    const auto expected = model_.command(place, command);
    expect(done ? std::string(to_string(*done)) : "a conflict",
           expected ? std::string(to_string(*expected)) : "a conflict", "the status");
}

void StoreWalk::claim() {
    const auto lease = draw_time();
    std::vector<TicketId> claimed;
    until_done([&] {
        const auto some = value(fixture_.outbox().claim(1'000'000, lease, StoreFixture::deadline()));
        for (const auto& ticket : some)
            claimed.push_back(ticket.ref.id);
        return some.empty();
    });
    expect(places_of(claimed), model_.claim(lease), "claimed");
}

void StoreWalk::confirm() {
    const auto tickets = draw_tickets(false);
    value(fixture_.outbox().mark_queued(refs_of(tickets), StoreFixture::deadline()));
    for (const auto& [place, attempt] : tickets)
        model_.mark_queued(place, attempt);
}

void StoreWalk::release() {
    const auto tickets = draw_tickets(false);
    value(fixture_.outbox().release(refs_of(tickets), StoreFixture::deadline()));
    for (const auto& [place, attempt] : tickets)
        model_.release(place, attempt);
}

void StoreWalk::take_tickets() {
    auto tickets = draw_tickets(false);
    if (!tickets.empty() && one_in(40))
        ++tickets.begin()->second; // as after an older copy was restored
    const auto worker = draw_worker();
    const auto lease = draw_time();
    const auto handover = static_cast<Handover>(draw(3));
    did_ += fmt::format(", handover {}", static_cast<int>(handover));
    const auto describe = [](std::size_t place, int attempt, const PendingMessage& message) {
        return fmt::format("{}/{} {} attempts={} generation={} maybe_sent={} refused_before={}", place, attempt,
                           to_string(message.id), message.attempts, message.key_generation, message.maybe_sent,
                           message.refused_before);
    };
    std::vector<std::string> found, expected;
    for (const auto& taken :
         value(fixture_.tickets().take(refs_of(tickets), worker, lease, handover, StoreFixture::deadline())))
        for (const auto& message : taken.messages)
            found.push_back(describe(*places_of({taken.ref.id}).begin(), taken.ref.fence, message));
    for (const auto& taken : model_.take(tickets, worker, lease, handover))
        for (const auto& message : taken.messages)
            expected.push_back(describe(taken.ticket, taken.fence, message));
    std::ranges::sort(found);
    std::ranges::sort(expected);
    expect(found, expected, "taken");
}

void StoreWalk::begin() {
    const auto tickets = draw_tickets(true);
    std::vector<TicketId> begun;
    for (const auto& ref : value(fixture_.tickets().mark_in_flight(refs_of(tickets), StoreFixture::deadline())))
        begun.push_back(ref.id);
    expect(places_of(begun), model_.mark_in_flight(tickets), "begun");
}

void StoreWalk::renew() {
    const auto tickets = draw_tickets(true);
    const auto lease = draw_time();
    const auto report = value(fixture_.tickets().renew(refs_of(tickets), lease, StoreFixture::deadline()));
    const auto expected = model_.renew(tickets, lease);
    expect(places_of(report.lost), expected.lost, "lost");
    expect(places_of(report.halted), expected.halted, "halted");
}

void StoreWalk::give_back() {
    const auto tickets = draw_tickets(true);
    value(fixture_.tickets().give_back(refs_of(tickets), StoreFixture::deadline()));
    model_.give_back(tickets);
}

// Mostly of a message that is in a held ticket, by the attempt that holds it.
std::optional<MessageResult> StoreWalk::draw_result() {
    std::vector<std::size_t> held, known;
    for (std::size_t place = 0; place < model_.tickets().size(); ++place) {
        if (model_.tickets()[place].id)
            known.push_back(place);
        if (model_.tickets()[place].id && model_.tickets()[place].owner)
            held.push_back(place);
    }
    if (known.empty())
        return std::nullopt;
    const bool by_the_book = !held.empty() && !one_in(4);
    const auto place = by_the_book ? held.at(draw(held.size())) : known.at(draw(known.size()));
    std::vector<const StoreModel::Message*> messages;
    for (const auto& message : model_.messages())
        if (!by_the_book || message.ticket == place)
            messages.push_back(&message);
    if (messages.empty())
        return std::nullopt;
    const auto& message = *messages.at(draw(messages.size()));
    MessageResult result;
    result.ticket = {*model_.tickets()[place].id, model_.tickets()[place].facts.fence - (one_in(8) ? 1 : 0)};
    result.message = message.id;
    auto& verdict = result.verdict;
    verdict.step = static_cast<NextStep>(draw(4));
    verdict.attempts = message.facts.attempts + (one_in(3) ? 0 : 1);
    verdict.key_generation = message.key_generation + (one_in(2) ? 0 : 1);
    verdict.maybe_sent = message.facts.maybe_sent || verdict.step == NextStep::unknown || one_in(4);
    const bool identified = verdict.step != NextStep::unknown || one_in(2);
    const auto* const error_class = identified ? kErrorClasses[draw(std::size(kErrorClasses))] : kUnidentified.data();
    if (verdict.step != NextStep::sent)
        verdict.error = MessageError{fmt::format("code_{}", draw(3)), error_class, "a sentence"};
    if (verdict.step == NextStep::retry)
        verdict.delay = verdict.error->error_class == "throttled" ? draw_time() : kHalf;
    if (verdict.step == NextStep::sent && !one_in(5))
        result.provider_id = fmt::format("p-{}", next_provider_id_++);
    if (result.provider_id && one_in(2))
        result.references.push_back(*result.provider_id);
    if (one_in(4))
        result.references.push_back(fmt::format("p-{}", next_provider_id_++));
    result.provider = draw_provider();
    did_ +=
        fmt::format(" message {} of ticket {} step {}", to_string(message.id), place, static_cast<int>(verdict.step));
    return result;
}

std::string StoreWalk::draw_provider() {
    return one_in(4) ? "another" : std::string(kDefaultProvider);
}

void StoreWalk::record() {
    std::vector<MessageResult> results;
    for (std::size_t left = 1 + draw(4); left > 0; --left) {
        auto result = draw_result();
        if (result && std::ranges::find(results, result->message, &MessageResult::message) == results.end())
            results.push_back(std::move(*result));
    }
    if (results.empty())
        return;
    const auto resolve_within = draw_time();
    value(fixture_.tickets().record(results, resolve_within, StoreFixture::deadline()));
    model_.record(std::move(results), resolve_within);
}

// By our id or by the provider's. A receipt with an id of ours that nobody knows, and an id of the provider's that is
// known, is left out: one store looks at the second at once, the other when it looks through the inbox.
std::optional<Receipt> StoreWalk::draw_receipt() {
    Receipt receipt;
    if (!model_.messages().empty() && !one_in(3))
        receipt.message = model_.messages().at(draw(model_.messages().size())).id;
    else if (one_in(4))
        receipt.message = MessageId{new_uuid()};
    receipt.provider_id = fmt::format("p-{}", 1 + draw(static_cast<std::size_t>(next_provider_id_)));
    if (receipt.message && (one_in(2) || std::ranges::find(model_.messages(), *receipt.message,
                                                           &StoreModel::Message::id) == model_.messages().end()))
        receipt.provider_id.clear();
    receipt.provider = draw_provider();
    receipt.delivered = !one_in(3);
    if (!receipt.delivered && one_in(2))
        receipt.error_code = "E1";
    did_ += fmt::format(" {} {} delivered={}", receipt.message ? to_string(*receipt.message) : "-", receipt.provider_id,
                        receipt.delivered);
    return receipt;
}

void StoreWalk::receive() {
    std::vector<Receipt> receipts;
    for (std::size_t left = 1 + draw(3); left > 0; --left)
        receipts.push_back(*draw_receipt());
    std::vector<int> found, expected;
    for (const auto outcome : value(fixture_.receipts().apply(receipts, StoreFixture::deadline())))
        found.push_back(static_cast<int>(outcome));
    for (const auto outcome : model_.receive(receipts))
        expected.push_back(static_cast<int>(outcome));
    expect(found, expected, "outcomes");
}

void StoreWalk::pass(Time time) {
    fixture_.pass(time);
    model_.pass(time);
}

void StoreWalk::pass_time() {
    pass(kPass * static_cast<int>(1 + draw(3)));
}

void StoreWalk::expire_leases() {
    const auto resolve_within = draw_time();
    sweep([&] { return fixture_.housekeeping().expire_leases(resolve_within, StoreFixture::deadline()); });
    model_.expire_leases(resolve_within);
}

void StoreWalk::requeue() {
    const auto after = draw_time();
    const auto loss = one_in(2) ? Loss::suspected : Loss::certain;
    sweep([&] { return fixture_.housekeeping().requeue_lost(after, loss, StoreFixture::deadline()); });
    model_.requeue_lost(after, loss);
}

// Once all of it is due.
void StoreWalk::match() {
    pass(kPass);
    sweep([&] { return fixture_.housekeeping().match_inbox(StoreFixture::deadline()); });
    model_.match_inbox();
}

void StoreWalk::cancel() {
    const auto resolve_within = draw_time();
    sweep([&] { return fixture_.housekeeping().finish_cancels(resolve_within, StoreFixture::deadline()); });
    model_.finish_cancels(resolve_within);
}

void StoreWalk::expire() {
    const auto resolve_within = draw_time();
    sweep([&] { return fixture_.housekeeping().expire_broadcasts(resolve_within, StoreFixture::deadline()); });
    model_.expire_broadcasts(resolve_within);
}

void StoreWalk::end_unresolved() {
    sweep([&] { return fixture_.housekeeping().end_unresolved(StoreFixture::deadline()); });
    model_.end_unresolved();
}

void StoreWalk::complete() {
    sweep([&] { return fixture_.housekeeping().complete(StoreFixture::deadline()); });
    model_.complete();
}

void StoreWalk::hold() {
    value(fixture_.installation().hold("by hand", StoreFixture::deadline()));
    model_.hold();
}

void StoreWalk::end_hold() {
    ReleaseOptions options;
    options.resolve_within = draw_time();
    if (one_in(2))
        options.assume_sent_since = std::chrono::floor<std::chrono::seconds>(wall_clock());
    until_done([&] { return !value(fixture_.installation().release(options, StoreFixture::deadline())).more; });
    model_.end_hold(options);
}

} // namespace smsbcast::test
