#include "hold_desk.hpp"

#include "store_call.hpp"

#include "smsbcast/app/hold_installation.hpp"

namespace smsbcast::commands {

using namespace std::chrono_literals;

using runtime::Awaitable;

namespace {

constexpr auto kPatience = 30s;
constexpr auto kReleasing = 24h; // steps are bounded; a large release is many of them

class StoreDesk final : public HoldDesk {
public:
    explicit StoreDesk(const config::Config& config)
        : backend_(roles::make_store_backend(config)), resolve_within_(config.provider.resolve_within) {}

    std::optional<Hold> held() override {
        return run<std::optional<Hold>>(
            [](Installation& installation) { return installation.held(Deadline::after(kPatience)); });
    }

    Hold hold(const std::string& because) override {
        return run<Hold>(
            [&](Installation& installation) { return installation.hold(because, Deadline::after(kPatience)); });
    }

    Released release(std::optional<Timestamp> assume_sent_since) override {
        if (!held())
            return {};
        const auto report = run<ReleaseReport>([&](Installation& installation) -> Awaitable<Result<ReleaseReport>> {
            return release_all(installation, {assume_sent_since, resolve_within_});
        });
        return {true, report.assumed_sent};
    }

private:
    static Awaitable<Result<ReleaseReport>> release_all(Installation& installation, ReleaseOptions options) {
        app::HoldInstallation holding(installation);
        const auto caller = Caller::anyone(); // whoever may run commands on this machine
        auto releasing = holding.release(caller, options, Deadline::after(kReleasing));
        co_return co_await std::move(releasing);
    }

    template <class T>
    using Call = std::function<Awaitable<Result<T>>(Installation&)>;

    template <class T>
    T run(const Call<T>& call) {
        auto answer = call_store<T>(*backend_, "hold", [&](roles::StoreSession& store) { return ask<T>(store, call); });
        if (!answer)
            fail_for_store(answer.error());
        return std::move(*answer);
    }

    template <class T>
    static Awaitable<Result<T>> ask(roles::StoreSession& store, const Call<T>& call) {
        const auto installation = store.installation();
        auto calling = call(*installation);
        co_return co_await std::move(calling);
    }

    std::unique_ptr<roles::StoreBackend> backend_;
    std::chrono::milliseconds resolve_within_;
};

} // namespace

std::unique_ptr<HoldDesk> make_hold_desk(const config::Config& config) {
    try {
        return std::make_unique<StoreDesk>(config);
    } catch (const roles::StoreInUse&) {
        return make_api_desk(config);
    }
}

} // namespace smsbcast::commands
