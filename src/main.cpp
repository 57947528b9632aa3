#include "cli/cli_args.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/base/overload.hpp"
#include "smsbcast/commands/commands.hpp"
#include "smsbcast/roles/roles.hpp"
#include "smsbcast/runtime/signals.hpp"

#include <fmt/core.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include <unistd.h>

namespace {

using namespace smsbcast;

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

void configure_log(const config::Log& log) {
    const bool text = log.format == config::LogFormat::text ||
                      (log.format == config::LogFormat::automatic && ::isatty(STDERR_FILENO) != 0);
    log::configure(log.level, text ? log::Format::text : log::Format::json);
}

void list(const std::vector<std::string>& mistakes) {
    for (const auto& mistake : mistakes)
        fmt::print(stderr, "{}\n", mistake);
}

config::Sources sources(const cli::Options& options) {
    return {options.flags, config::Environment::of_process(), options.config_file};
}

// Loads the configuration, then does `act` with it; or lists every mistake.
template <class Act>
int with_config(const cli::Options& options, std::span<const config::Role> roles, Act act) {
    const auto loaded = config::load(sources(options), roles);
    list(loaded.mistakes);
    if (!loaded.mistakes.empty())
        return kWrongUsage;
    configure_log(loaded.config.log);
    return act(loaded);
}

int work_on_keys(const cli::Keys& keys, const config::LoadResult& loaded) {
    return std::visit(
        Overload{[&](const cli::CreateKey& a) {
                     return commands::create_key({a.name, a.scopes, a.tenant, a.expires_at}, loaded);
                 },
                 [&](const cli::ListKeys&) { return commands::list_keys(loaded); },
                 [&](const cli::RevokeKey& a) { return commands::revoke_key(a.prefix, loaded); },
                 [&](const cli::RotateKey& a) { return commands::rotate_key(a.prefix, a.overlap, loaded); }},
        keys.what);
}

int run(const cli::Action& action) {
    return std::visit(Overload{[](const cli::Exit& a) {
                                   fmt::print(a.code == 0 ? stdout : stderr, "{}", a.text);
                                   return a.code;
                               },
                               [](const cli::Version&) {
                                   fmt::print("smsbcast {}\n", SMSBCAST_VERSION);
                                   return 0;
                               },
                               [](const cli::PrintConfig& a) {
                                   return with_config(a.options, {}, [&](const config::LoadResult& loaded) {
                                       const auto of_all = config::load(sources(a.options), config::kAllRoles);
                                       return commands::print_config(loaded, of_all);
                                   });
                               },
                               [](const cli::Migrate& a) {
                                   return with_config(a.options, {}, [&](const config::LoadResult& loaded) {
                                       return a.what == cli::Migrate::What::up
                                                  ? commands::migrate_up(loaded.config)
                                                  : commands::migrate_status(loaded.config);
                                   });
                               },
                               [](const cli::HoldIt& a) {
                                   return with_config(a.options, {}, [&](const config::LoadResult& loaded) {
                                       return commands::hold(a.because, loaded);
                                   });
                               },
                               [](const cli::ReleaseIt& a) {
                                   return with_config(a.options, {}, [&](const config::LoadResult& loaded) {
                                       return commands::release(a.assume_sent, loaded);
                                   });
                               },
                               [](const cli::Keys& a) {
                                   return with_config(a.options, {}, [&](const config::LoadResult& loaded) {
                                       return work_on_keys(a, loaded);
                                   });
                               },
                               [](const cli::Health& a) {
                                   return with_config(a.options, {}, [&](const config::LoadResult& loaded) {
                                       return commands::check_health(a.url, loaded.config);
                                   });
                               },
                               [](const cli::RunRoles& a) {
                                   runtime::hold_back_harmless_signals();
                                   return with_config(a.options, a.roles, [&](const config::LoadResult& loaded) {
                                       const auto mistakes = roles::address_mistakes(a.roles, loaded.config);
                                       list(mistakes);
                                       return mistakes.empty() ? roles::run(a.roles, loaded.config) : kWrongUsage;
                                   });
                               }},
                      action);
}

} // namespace

int main(int argc, char** argv) try {
    std::signal(SIGPIPE, SIG_IGN); // a peer that went away is an error of the write, not the end of the process
    return run(cli::parse(argc, argv));
} catch (const std::exception& error) {
    fmt::print(stderr, "smsbcast: {}\n", error.what());
    return kFailed;
}
