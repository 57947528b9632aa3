#include "publisher.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace smsbcast::adapters::rabbitmq {

namespace asio = boost::asio;

namespace {

// The relay asks one at a time; more than a hundred open questions mean a broker that does not
// answer.
constexpr std::size_t kMaxQuestions = 100;

PublishOutcome to_outcome(std::optional<Outcome> outcome) {
    switch (outcome.value_or(Outcome::unsettled)) {
    case Outcome::confirmed: return PublishOutcome::confirmed;
    case Outcome::refused:
    // For the relay both mean that the queue certainly does not have the ticket, so its claim is
    // released.
    case Outcome::unpublished: return PublishOutcome::refused;
    case Outcome::unsettled: break;
    }
    return PublishOutcome::unsettled;
}

} // namespace

RabbitPublisher::RabbitPublisher(asio::io_context& shard, AmqpThread::Options options, const Uuid& installation,
                                 std::chrono::milliseconds confirm_timeout)
    : parked_(options.topology.parked), state_(std::make_shared<State>(shard)),
      link_(options.topology, installation, confirm_timeout, teller(shard, state_)),
      thread_(shard, std::move(options), link_) {}

std::function<void(PublishNews)> RabbitPublisher::teller(asio::io_context& shard, std::shared_ptr<State> state) {
    return [&shard, state = std::move(state)](PublishNews news) {
        asio::post(shard, [state, news = std::move(news)] { state->take(news); });
    };
}

void RabbitPublisher::State::take(const PublishNews& news) {
    link = news.state;
    // This runs on the shard, in the order in which the AMQP thread saw the confirms.
    for (const auto& [entry, outcome] : news.settled) {
        const auto batch = batches.find(entry.batch);
        // Its caller may have left at its deadline.
        if (batch == batches.end() || batch->second.outcomes[entry.index])
            continue;
        batch->second.outcomes[entry.index] = outcome;
        --batch->second.open;
    }
    for (const auto& [id, count] : news.counts) {
        if (const auto question = questions.find(id); question != questions.end())
            question->second = count;
    }
    changed.notify_all();
}

Result<std::vector<PublishOutcome>> RabbitPublisher::conclude(const Batch& batch) {
    const auto is_unpublished = [](const auto& outcome) { return outcome == Outcome::unpublished; };
    // A connection that was lost before the first ticket was written is an outage, not a refusal of
    // each ticket.
    if (std::ranges::all_of(batch.outcomes, is_unpublished))
        return Errc::unavailable;
    std::vector<PublishOutcome> outcomes(batch.outcomes.size());
    std::ranges::transform(batch.outcomes, outcomes.begin(), to_outcome);
    return outcomes;
}

asio::awaitable<Result<std::vector<PublishOutcome>>> RabbitPublisher::publish(std::vector<TicketRef> tickets,
                                                                              Deadline deadline) {
    if (tickets.empty())
        co_return std::vector<PublishOutcome>();
    const auto state = state_;
    const auto count = tickets.size();
    if (!state->link)
        // Failing at once lets the relay release its claims while they are fresh.
        co_return state->link.error();
    if (state->open_tickets + count > kMaxPublishedAtOnce) // of all calls together
        co_return Errc::overloaded;
    const auto id = state->next_id++;
    // The batch is handed over as a command and runs on the AMQP thread; this coroutine goes on
    // when the news of it arrive.
    PublishBatch work{id, std::move(tickets), deadline};
    if (!thread_.submit([this, work = std::move(work)] { link_.publish(work); }))
        co_return Errc::overloaded;
    // References into an unordered_map outlive its growth, and only this call removes its own entry.
    Batch& batch = state->batches[id];
    batch = {std::vector<std::optional<Outcome>>(count), count};
    state->open_tickets += count;
    while (batch.open > 0 && !deadline.passed())
        co_await state->changed.wait(deadline);
    // At the deadline, what has no outcome yet is `unsettled`; its late confirm will find no batch
    // and is ignored.
    auto result = conclude(batch);
    state->open_tickets -= count;
    state->batches.erase(id);
    co_return result;
}

asio::awaitable<Result<std::int64_t>> RabbitPublisher::ask(Asked queue, Deadline deadline) {
    const auto state = state_;
    if (!state->link)
        co_return state->link.error();
    if (state->questions.size() >= kMaxQuestions)
        co_return Errc::unavailable;
    const auto id = state->next_id++;
    if (!thread_.submit([this, id, queue] { link_.ask(id, queue); }))
        co_return Errc::unavailable;
    auto& answer = state->questions[id];
    while (!answer && !deadline.passed())
        co_await state->changed.wait(deadline);
    Result<std::int64_t> result = answer.value_or(Errc::timeout);
    state->questions.erase(id);
    co_return result;
}

asio::awaitable<Result<ParkedTickets>> RabbitPublisher::parked(Deadline deadline) {
    // The copy is taken before the wait, since the publisher may be gone after it.
    auto queue = parked_;
    const auto count = co_await ask(Asked::parked, deadline);
    if (!count)
        co_return count.error();
    co_return ParkedTickets{*count, std::move(queue)};
}

asio::awaitable<void> RabbitPublisher::stop(Deadline deadline) {
    co_await thread_.stop(deadline);
}

} // namespace smsbcast::adapters::rabbitmq
