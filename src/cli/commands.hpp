#pragma once

#include "cli_args.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::cli {

/// The tree of commands and flags as CLI11 wants it, and the variables that a parse of it fills.
class Commands {
public:
    Commands();
    Commands(const Commands&) = delete; // CLI11 keeps pointers to the members
    Commands& operator=(const Commands&) = delete;

    CLI::App& app() { return app_; }

    /// Of the command that was given, or of the program.
    std::string help() const;

    /// After a parse without error.
    Action chosen() const;

private:
    std::optional<Action> chosen_key() const;
    struct RoleCommand {
        const CLI::App* app;
        std::vector<config::Role> roles;
    };

    CLI::App* add_command(std::string_view name, std::string_view doc);
    void add_role(std::string_view name, std::string_view doc, std::vector<config::Role> roles);
    void add_others();
    void add_holding();
    void add_keys();
    CLI::App* add_key_command(CLI::App& keys, std::string_view name, std::string_view doc);
    void add_key(CLI::App& command, const config::Key& key, const std::string& group);
    Options options() const;

    CLI::App app_;
    std::vector<RoleCommand> roles_;
    const CLI::App* migrate_ = nullptr;
    const CLI::App* hold_ = nullptr;
    const CLI::App* release_ = nullptr;
    const CLI::App* create_key_ = nullptr;
    const CLI::App* list_keys_ = nullptr;
    const CLI::App* revoke_key_ = nullptr;
    const CLI::App* rotate_key_ = nullptr;
    const CLI::App* print_config_ = nullptr;
    const CLI::App* health_ = nullptr;
    const CLI::App* version_ = nullptr;

    config::Flags flags_;
    std::optional<std::string> config_file_;
    std::string migrate_what_ = "up";
    std::optional<std::string> because_, assume_sent_;
    CreateKey key_to_create_;
    RevokeKey key_to_revoke_;
    RotateKey key_to_rotate_;
    std::optional<std::string> health_url_;
    bool version_flag_ = false;
};

} // namespace smsbcast::cli
