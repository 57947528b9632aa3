#include "cli_args.hpp"

#include "commands.hpp"
#include "smsbcast/config/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace smsbcast::cli {
namespace {

std::string meant(std::string_view given, const std::vector<std::string>& words) {
    const std::vector<std::string_view> views{words.begin(), words.end()};
    const auto word = config::suggest(given, views);
    return word ? fmt::format(", did you mean {}?", *word) : "";
}

/// The names of flags, or those of commands.
std::vector<std::string> names(CLI::App& app, bool flags) {
    std::vector<std::string> result;
    for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (!flags)
            result.push_back(command->get_name());
        else
            std::ranges::copy(names(*command, true), std::back_inserter(result));
    }
    for (const CLI::Option* option : app.get_options())
        if (flags && !option->get_positional())
            result.push_back(option->get_name());
    return result;
}

std::string unexpected_flag(CLI::App& app, const std::string& name) {
    const auto flags = names(app, true);
    const auto chosen = app.get_subcommands();
    if (chosen.empty() || std::ranges::find(flags, name) == flags.end())
        return fmt::format("there is no flag {}{}", name, meant(name, flags));
    return fmt::format("{} is no flag of {}", name, chosen.front()->get_name());
}

/// Says what was not expected without repeating values: after a mistyped flag or without its quotes, a connection text
/// with its password ends up among the leftovers.
std::string unexpected(CLI::App& app, const std::string& text) {
    constexpr std::string_view kWord = "abcdefghijklmnopqrstuvwxyz-";
    if (text.starts_with('-'))
        return unexpected_flag(app, text.substr(0, text.find('=')));
    if (!app.get_subcommands().empty())
        return fmt::format("{} takes no further argument", app.get_subcommands().front()->get_name());
    if (text.size() > 30 || text.find_first_not_of(kWord) != std::string::npos)
        return "the first argument is no command";
    return fmt::format("there is no command {}{}", text, meant(text, names(app, false)));
}

Exit wrong_usage(const std::string& what) {
    return {
        2, fmt::format("smsbcast: {}\nsmsbcast --help lists the commands, smsbcast COMMAND --help its flags.\n", what)};
}

} // namespace

Action parse(int argc, const char* const* argv) {
    Commands commands;
    CLI::App& app = commands.app();
    try {
        app.parse(argc, argv);
        return commands.chosen();
    } catch (const CLI::CallForHelp&) {
        return Exit{0, commands.help()};
    } catch (const CLI::ExtrasError&) {
        const auto leftovers = app.remaining(true);
        return wrong_usage(leftovers.empty() ? "too many arguments" : unexpected(app, leftovers.front()));
    } catch (const CLI::ArgumentMismatch& error) {
        const std::string_view text = error.what(); // `--flag: At Most 1 required but received 2`
        return wrong_usage(fmt::format("{} takes one value, once", text.substr(0, text.find(':'))));
    } catch (const CLI::ParseError& error) {
        return wrong_usage(error.what());
    }
}

} // namespace smsbcast::cli
