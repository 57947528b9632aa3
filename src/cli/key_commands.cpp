// `smsbcast key` and its commands.

#include "commands.hpp"

namespace smsbcast::cli {

CLI::App* Commands::add_key_command(CLI::App& keys, std::string_view name, std::string_view doc) {
    CLI::App* const command = keys.add_subcommand(std::string{name}, std::string{doc})->group("Commands");
    const bool makes_one = name == "create" || name == "rotate";
    for (const config::Key& key : config::keys())
        if ((key.section() == "database" && key.name() != "pool_size") || (makes_one && key.path == "auth.pepper"))
            add_key(*command, key, std::string{key.section()});
    command->footer("Works on the database, or on the file of `all` while that is stopped.\n");
    return command;
}

void Commands::add_keys() {
    CLI::App* const keys = add_command("key", "Makes, lists and ends the keys with which clients call the API");
    keys->require_subcommand(1);
    keys->get_formatter()->label("SUBCOMMAND", "COMMAND");
    CLI::App* const create = add_key_command(*keys, "create", "Makes a key and prints it; it is shown this once");
    create->add_option("--name", key_to_create_.name, "Whose key it is, for people")->type_name("TEXT")->required();
    create
        ->add_option(
            "--scopes", key_to_create_.scopes,
            "What it allows: broadcasts:write, broadcasts:read,\nsuppressions:write, admin; several with commas")
        ->type_name("SCOPES")
        ->required();
    create->add_option("--tenant", key_to_create_.tenant, "Whose broadcasts it makes and sees (default \"default\")")
        ->type_name("NAME");
    create
        ->add_option("--expires-at", key_to_create_.expires_at,
                     "Its end, such as 2027-01-31T00:00:00Z, or 90d from now as 2160h")
        ->type_name("TIME");
    list_keys_ = add_key_command(*keys, "list", "Lists every key, without its secret");
    CLI::App* const revoke = add_key_command(*keys, "revoke", "Ends a key within five seconds, everywhere");
    revoke->add_option("PREFIX", key_to_revoke_.prefix, "What the key has after sms_")->type_name("")->required();
    CLI::App* const rotate = add_key_command(*keys, "rotate", "Makes a successor, and lets the key go on for a while");
    rotate->add_option("PREFIX", key_to_rotate_.prefix, "What the key has after sms_")->type_name("")->required();
    rotate->add_option("--overlap", key_to_rotate_.overlap, "How long the old key goes on, 0s to 720h (default 24h)")
        ->type_name("DURATION");
    create_key_ = create;
    revoke_key_ = revoke;
    rotate_key_ = rotate;
}

std::optional<Action> Commands::chosen_key() const {
    if (create_key_->parsed())
        return Keys{key_to_create_, options()};
    if (list_keys_->parsed())
        return Keys{ListKeys{}, options()};
    if (revoke_key_->parsed())
        return Keys{key_to_revoke_, options()};
    if (rotate_key_->parsed())
        return Keys{key_to_rotate_, options()};
    return std::nullopt;
}

} // namespace smsbcast::cli
