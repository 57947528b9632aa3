#include "commands.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace smsbcast::cli {
namespace {

constexpr std::size_t kNameColumn = 40;
constexpr std::size_t kTextColumn = 78;

/// CLI11 does not break lines, but indents the ones that it is given.
std::string wrapped(std::string_view text) {
    std::string result;
    while (text.size() > kTextColumn) {
        const auto blank = text.rfind(' ', kTextColumn);
        if (blank == std::string_view::npos)
            break;
        result.append(text.substr(0, blank)).append("\n");
        text.remove_prefix(blank + 1);
    }
    return result.append(text);
}

std::string key_text(const config::Key& key) {
    const bool says_enough =
        std::holds_alternative<config::kind::Address>(key.kind) || std::holds_alternative<config::kind::Url>(key.kind);
    const std::string accepted = says_enough ? "" : "; " + config::accepted_text(key.kind);
    const std::string values = fmt::format("(default {}{})", key.default_text, accepted);
    const std::string doc = wrapped(key.doc);
    const std::size_t last_line = doc.size() - (doc.rfind('\n') + 1); // npos + 1 is 0
    return doc + (last_line + values.size() < kTextColumn ? ' ' : '\n') + values;
}

constexpr auto kRoleFooter =
    "Each flag is an environment variable too (HTTP_ADDR for --http-addr), and a key of the file that --config\n"
    "names. --config, --log-level and --log-format may stand before or after the command.\n";

} // namespace

Commands::Commands() : app_("Sends one SMS to many people and knows what became of every single one.", "smsbcast") {
    app_.get_formatter()->column_width(kNameColumn);
    app_.get_formatter()->label("SUBCOMMAND", "COMMAND");
    app_.require_subcommand(0, 1);
    app_.fallthrough(); // inherited: global flags may stand after the command too
    app_.add_option("--config", config_file_,
                    "Configuration file, TOML (default: the one that SMSBCAST_CONFIG names, if any)")
        ->type_name("FILE");
    for (const config::Key& key : config::keys())
        if (key.section() == "log")
            add_key(app_, key, "Options");
    app_.add_flag("--version", version_flag_, "The same as the command");
    for (const config::RoleTraits& role : config::kRoles)
        add_role(role.name, role.help, {role.role});
    add_role("all", "Every role above in one process", {config::kAllRoles.begin(), config::kAllRoles.end()});
    add_others();
    add_holding();
    add_keys();
    app_.footer("Exit codes: 0 done, 1 failed while running, 2 wrong usage or configuration.\n"
                "`smsbcast COMMAND --help` lists the flags of a command.\n");
}

CLI::App* Commands::add_command(std::string_view name, std::string_view doc) {
    return app_.add_subcommand(std::string{name}, std::string{doc})->group("Commands");
}

void Commands::add_role(std::string_view name, std::string_view doc, std::vector<config::Role> roles) {
    CLI::App* const command = add_command(name, doc);
    const auto used = [&](const config::Key& key) {
        return (key.used_by.empty() && roles.size() > 1) ||
               std::ranges::any_of(roles, [&](config::Role role) { return key.used_by.contains(role); });
    };
    for (const config::Key& key : config::keys())
        if (key.section() != "log" && used(key))
            add_key(*command, key, std::string{key.section()});
    command->footer(kRoleFooter);
    roles_.push_back({command, std::move(roles)});
}

void Commands::add_others() {
    CLI::App* const migrate = add_command("migrate", "Brings the database's schema up to date, or shows where it is");
    migrate->add_option("WHAT", migrate_what_, "up or status (default up)")
        ->type_name("")
        ->check([](const std::string& text) { return text == "up" || text == "status" ? "" : "must be up or status"; });
    CLI::App* const print_config = add_command(
        "config", "Prints the effective configuration, passwords masked, each value with where it came from");
    print_config->footer("Takes every flag of `smsbcast all`.\n");
    for (const config::Key& key : config::keys()) {
        if (key.section() == "database" && key.name() != "pool_size")
            add_key(*migrate, key, "database");
        if (key.section() != "log")
            add_key(*print_config, key, ""); // in no group: works, but is not in the help
    }
    CLI::App* const health =
        add_command("health", "Exit code 0 when the roles of this machine, or the one at URL, are ready");
    health->add_option("URL", health_url_, "Where to ask (default: at every address that is configured)")
        ->type_name("");
    migrate_ = migrate;
    print_config_ = print_config;
    health_ = health;
    version_ = add_command("version", "Prints the version");
}

void Commands::add_holding() {
    CLI::App* const hold = add_command("hold", "Stops everything from going out until a release");
    hold->add_option("--because", because_, "Why, for whoever looks later")->type_name("TEXT");
    CLI::App* const release = add_command("release", "Ends a hold: what waits goes out");
    release
        ->add_option("--assume-sent", assume_sent_,
                     "When the backup was taken that was restored, by RFC 3339 or how long\n"
                     "ago (2h): what waits may have gone out since then, and is not sent")
        ->type_name("SINCE");
    for (CLI::App* const command : {hold, release}) {
        for (const config::Key& key : config::keys()) {
            const bool is_store = key.section() == "database" && key.name() != "pool_size";
            const bool is_resolving = key.path == "provider.resolve_within" && command == release;
            if (is_store || is_resolving || key.path == "api.http_addr" || key.section() == "client")
                add_key(*command, key, std::string{key.section()});
        }
        command->footer(
            "Works on the database, or on the file of `all`; where `all` runs on it, by the API of `all`.\n");
    }
    hold_ = hold;
    release_ = release;
}

void Commands::add_key(CLI::App& command, const config::Key& key, const std::string& group) {
    const auto keep = [this, path = std::string{key.path}](const std::string& text) { flags_[path] = text; };
    command.add_option_function<std::string>(key.flag(), keep, key_text(key))
        ->type_name(std::string{config::placeholder(key.kind)})
        ->group(group);
}

Options Commands::options() const {
    Options options{flags_, std::nullopt};
    if (config_file_)
        options.config_file = *config_file_;
    return options;
}

std::string Commands::help() const {
    // CLI11 puts two blank lines between groups.
    std::string text = app_.help();
    for (auto at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n", at))
        text.erase(at, 1);
    return text;
}

Action Commands::chosen() const {
    if (version_->parsed() || version_flag_)
        return Version{};
    for (const RoleCommand& command : roles_)
        if (command.app->parsed())
            return RunRoles{command.roles, options()};
    if (migrate_->parsed())
        return Migrate{migrate_what_ == "up" ? Migrate::What::up : Migrate::What::status, options()};
    if (hold_->parsed())
        return HoldIt{because_, options()};
    if (release_->parsed())
        return ReleaseIt{assume_sent_, options()};
    if (auto keys = chosen_key())
        return std::move(*keys);
    if (print_config_->parsed())
        return PrintConfig{options()};
    if (health_->parsed())
        return Health{health_url_, options()};
    return Exit{2, "smsbcast: a command is missing\n\n" + help()};
}

} // namespace smsbcast::cli
