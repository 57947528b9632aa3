#include "smsbcast/adapters/http_provider/http_provider.hpp"

#include "smsbcast/http/client.hpp"
#include "smsbcast/http/url.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include "submit_answer.hpp"
#include "submit_body.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <span>
#include <stdexcept>

namespace smsbcast::adapters::http_provider {

namespace {

using http::Client;
using http::ClientError;
using http::Header;
using http::Url;
using runtime::Awaitable;

// Its words are shown to whoever wrote the configuration. They never repeat the address, which may
// hold a password.
http::Url provider_address(const std::string& base_url) {
    auto parsed = http::parse_url(base_url);
    if (const auto* wrong = std::get_if<http::UrlError>(&parsed))
        throw std::invalid_argument("the provider's address " + std::string(message(*wrong)));
    auto address = std::get<http::Url>(std::move(parsed));
    // Behind a query, /send would become part of a value, and every message would go to an address
    // that nobody meant.
    if (address.target.find('?') != std::string::npos)
        throw std::invalid_argument("the provider's address must not have a query (?), since /send is appended to it");
    if (address.target.ends_with('/'))
        address.target.pop_back();
    address.target += "/send";
    return address;
}

std::string checked_webhook(std::string text) {
    const auto parsed = boost::urls::parse_uri(text);
    const bool is_web = parsed && (parsed->scheme_id() == boost::urls::scheme::http ||
                                   parsed->scheme_id() == boost::urls::scheme::https);
    // Only the provider uses this address, so https is fine here although this client does not
    // speak it. A fragment never reaches a server.
    if (!is_web || parsed->encoded_host().empty() || parsed->has_fragment())
        throw std::invalid_argument("the webhook's address must be http:// or https:// with a host and no fragment");
    return text;
}

template <class Check>
std::string complaint(Check check) {
    try {
        check();
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return {};
}

http::ClientOptions client_options(const http::Url& address, const Params& params) {
    return {.host = address.host,
            .port = address.port,
            .host_header = address.host_header,
            .connections = params.connections,
            .connect_timeout = params.connect_timeout,
            .idle_timeout = params.idle_timeout};
}

// A worker's lane hands a message over here, and gets back an outcome that decides whether it may
// ever be sent again. The line is drawn at the first byte that the socket took: before it the
// provider certainly knows nothing, after it only a whole answer can say so.
class HttpProvider final : public SmsProvider {
public:
    HttpProvider(boost::asio::io_context& shard, http::Url address, Params params)
        : client_(shard, client_options(address, params)), address_(std::move(address)),
          body_(checked_webhook(std::move(params.webhook_url)), std::move(params.seal)), name_(std::move(params.name)),
          idle_(shard) {}

    const std::string& name() const override { return name_; }
    ProviderState state() const override { return state_; }

    Awaitable<Result<void>> start(Deadline) override {
        if (!stopped_)
            state_ = ProviderState::up;
        co_return Result<void>();
    }

    Awaitable<> stop(Deadline deadline) override {
        stopped_ = true;
        state_ = ProviderState::down;
        // What still waits for a connection was not sent, and need not wait any more.
        client_.close();
        while (under_way_ > 0 && !deadline.passed())
            co_await idle_.wait(deadline);
        // Whatever has not ended by now is uncertain; that is reported at once, so that it can be recorded.
        client_.cut();
        while (under_way_ > 0)
            co_await idle_.wait(Deadline::after(kLook));
    }

    Awaitable<SubmitOutcome> submit(Submission submission, Deadline deadline) override {
        if (state_ != ProviderState::up)
            co_return NotSent{"closed", "the provider is not started, or was stopped", false};
        ++under_way_;
        try {
            auto exchanging = exchange(std::move(submission), deadline);
            SubmitOutcome outcome = co_await std::move(exchanging);
            note_end();
            co_return outcome;
        } catch (...) { // no memory, for one: stop() waits for the last one all the same
            note_end();
            throw;
        }
    }

private:
    // A wait is ended by a notification; this only bounds it.
    static constexpr std::chrono::seconds kLook{1};

    void note_end() {
        if (--under_way_ == 0)
            idle_.notify_all();
    }

    Awaitable<SubmitOutcome> exchange(Submission submission, Deadline deadline) {
        // The key stays the same for as long as the provider may have taken the message, so a
        // repetition after a lost answer is recognised by a provider that honours keys.
        const auto key = idempotency_key(submission.message, submission.key_generation);
        const auto body = body_.make(submission);
        const http::Header headers[] = {
            {"Idempotency-Key", key}, {"Accept", "application/json"}, {"Authorization", address_.authorization}};
        // The last header is left out where there is no user: an empty Authorization would be
        // refused by some servers.
        const auto used = std::span(headers).first(address_.authorization.empty() ? 2 : 3);
        const http::ClientRequest request{.method = "POST",
                                          .target = address_.target,
                                          .headers = used,
                                          .content_type = "application/json",
                                          .body = body,
                                          // A submission that waited for a connection past this
                                          // time must not go out: its lease or its state may have
                                          // gone meanwhile.
                                          .start_before = submission.start_before};
        auto exchange = co_await client_.exchange(request, deadline);
        if (auto* error = std::get_if<http::ClientError>(&exchange.result))
            co_return outcome_of(std::move(*error));
        const auto& response = std::get<http::ClientResponse>(exchange.result);
        co_return classify(read_answer(response, submission, std::chrono::system_clock::now()));
    }

    static SubmitOutcome outcome_of(http::ClientError error) {
        // A message that was held back was never tried, so it costs no attempt.
        const bool tried = error.code != http::kTooLate;
        if (error.failure == http::ClientFailure::not_sent)
            return NotSent{std::move(error.code), std::move(error.message), tried};
        // A status that came before the connection broke still says what the provider decided.
        return classify_broken(read_head(error, std::chrono::system_clock::now()), std::move(error.code),
                               std::move(error.message));
    }

    http::Client client_;
    http::Url address_;
    SubmitBody body_;
    std::string name_;
    ProviderState state_ = ProviderState::down;
    bool stopped_ = false;
    std::size_t under_way_ = 0;
    runtime::Wakeup idle_; ///< nothing is under way any more
};

} // namespace

std::string check_base_url(const std::string& text) {
    return complaint([&] { provider_address(text); });
}

std::string check_webhook_url(const std::string& text) {
    return complaint([&] { checked_webhook(text); });
}

std::string shown_address(const std::string& base_url) {
    const auto address = provider_address(base_url);
    const bool brackets = address.host.find(':') != std::string::npos;
    return (brackets ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

std::unique_ptr<SmsProvider> make_http_provider(boost::asio::io_context& shard, Params params) {
    auto address = provider_address(params.base_url);
    return std::make_unique<HttpProvider>(shard, std::move(address), std::move(params));
}

} // namespace smsbcast::adapters::http_provider
