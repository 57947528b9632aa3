#include "smsbcast/app/authenticate.hpp"

#include "smsbcast/base/log.hpp"

#include <utility>

namespace smsbcast::app {

namespace {

constexpr std::chrono::seconds kAskFor{2};
constexpr std::chrono::seconds kNoteEvery{10};

} // namespace

Authenticate::Authenticate(KeyStore& store, Peppers peppers, Clock& clock)
    : store_(store), clock_(clock), ring_(std::move(peppers)), answered_(clock.make_signal()),
      stopped_(clock.make_signal()) {}

std::optional<Caller> Authenticate::known(const KeyToken& token) {
    return ring_.find(token, clock_.now(), wall_clock());
}

boost::asio::awaitable<Result<Caller>> Authenticate::operator()(KeyToken token, Deadline deadline) {
    // The key may be younger than what is known, so only a question that is asked from now on can say that it is
    // nobody's.
    auto refreshing = refresh(deadline);
    const auto refreshed = co_await std::move(refreshing);
    if (!refreshed)
        co_return refreshed.error();
    auto caller = known(token);
    co_return caller ? Result<Caller>(std::move(*caller)) : Result<Caller>(Errc::not_found);
}

// Ends well once the store has answered a question that was asked after this call, by whomever.
boost::asio::awaitable<Result<void>> Authenticate::refresh(Deadline deadline) {
    const auto before = asked_;
    while (answered_number_ <= before) {
        const auto now = clock_.now();
        if (stopping_)
            co_return Errc::stopping;
        if (now >= deadline.at())
            co_return Errc::timeout;
        const auto next = asked_at_ ? *asked_at_ + kApart : now;
        if (asking_ || now < next) {
            // The one who asks notifies the others, and the first of them to go on asks the next question.
            const auto until = asking_ ? deadline : earlier(deadline, Deadline(next));
            co_await answered_->wait(until);
            continue;
        }
        auto asking = ask(deadline);
        const auto answered = co_await std::move(asking);
        if (!answered)
            co_return answered;
    }
    co_return Result<void>();
}

boost::asio::awaitable<Result<void>> Authenticate::ask(Deadline deadline) {
    asking_ = true;
    const auto number = ++asked_;
    const auto asked_at = clock_.now();
    asked_at_ = asked_at;
    auto reading = store_.live(earlier(deadline, clock_.in(kAskFor)));
    auto keys = co_await std::move(reading);
    asking_ = false;
    const bool is_first = !ring_.asked_at();
    if (keys) {
        ring_.load(std::move(*keys), asked_at);
        answered_number_ = number;
    }
    answered_->notify_all();
    if (!keys)
        co_return keys.error();
    if (is_first)
        log_first_load();
    co_return Result<void>();
}

void Authenticate::log_first_load() {
    if (ring_.size() > 0)
        log::info("api_keys", {{"live", ring_.size()}});
    else
        log::warn("no_api_key",
                  {{"reason", "AUTH is required, and there is no API key, so nobody gets in"},
                   {"advice", "smsbcast key create --name NAME --scopes broadcasts:write,broadcasts:read"}});
}

boost::asio::awaitable<void> Authenticate::run() {
    while (!stopping_) {
        const auto next = clock_.in(kInterval);
        auto refreshing = refresh(clock_.in(kAskFor));
        co_await std::move(refreshing);
        auto noting = note_uses();
        co_await std::move(noting);
        while (!stopping_ && clock_.now() < next.at())
            co_await stopped_->wait(next);
    }
}

// Losing them does no harm, so nothing waits for them and nobody is told.
boost::asio::awaitable<void> Authenticate::note_uses() {
    if (noted_at_ && clock_.now() - *noted_at_ < kNoteEvery)
        co_return;
    noted_at_ = clock_.now();
    auto uses = ring_.take_uses();
    if (uses.empty())
        co_return;
    auto noting = store_.note_uses(std::move(uses), clock_.in(kAskFor));
    co_await std::move(noting);
}

void Authenticate::stop() {
    stopping_ = true;
    stopped_->notify_all();
    answered_->notify_all();
}

} // namespace smsbcast::app
