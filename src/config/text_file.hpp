#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <variant>

namespace smsbcast::config {

/// Why a file could not be read: `cannot be read: No such file or directory`, `is larger than 65536 bytes`.
struct Unreadable {
    std::string why;
};

/// The whole file. Gives up past `limit` bytes, so that a path to a device does not fill the memory.
std::variant<std::string, Unreadable> read_text_file(const std::filesystem::path& path, std::size_t limit);

/// The secret that a file holds. Secrets reach containers as files; most tools that write them end them with a newline,
/// so one is dropped.
std::variant<std::string, Unreadable> read_secret_file(const std::filesystem::path& path);

} // namespace smsbcast::config
