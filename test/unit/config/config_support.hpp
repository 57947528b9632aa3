#pragma once

#include "smsbcast/config/load.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace smsbcast::config::test {

/// A file with that content, for as long as this object lives.
class TempFile {
public:
    explicit TempFile(std::string_view content) {
        std::string pattern = (std::filesystem::temp_directory_path() / "smsbcast_config_XXXXXX").string();
        const int descriptor = ::mkstemp(pattern.data());
        if (descriptor < 0)
            throw std::runtime_error{"mkstemp failed"};
        ::close(descriptor);
        path_ = pattern;
        std::ofstream{path_, std::ios::binary} << content;
    }
    ~TempFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    TempFile(const TempFile&) = delete;
    TempFile& operator=(const TempFile&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string name() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

inline LoadResult load_environment(Environment::Variables variables, std::vector<Role> roles = {}) {
    return load({{}, Environment{std::move(variables)}, {}}, roles);
}

inline LoadResult load_flags(Flags flags, std::vector<Role> roles = {}) {
    return load({std::move(flags), {}, {}}, roles);
}

inline LoadResult load_toml(const TempFile& file) {
    return load({{}, {}, file.path()});
}

inline const Origin& origin_of(const LoadResult& result, std::string_view path) {
    return *std::ranges::find(result.origins, path, [](const Origin& origin) { return origin.key->path; });
}

inline std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += line + "\n";
    return text;
}

} // namespace smsbcast::config::test
