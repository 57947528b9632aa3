#include "text_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace smsbcast::config {

std::variant<std::string, Unreadable> read_text_file(const std::filesystem::path& path, std::size_t limit) {
    const auto failed = [] { return Unreadable{"cannot be read: " + std::generic_category().message(errno)}; };
    struct Close {
        void operator()(std::FILE* open) const { std::fclose(open); } // read only: nothing is lost when it fails
    };
    const std::unique_ptr<std::FILE, Close> file{std::fopen(path.c_str(), "re")};
    if (!file)
        return failed();
    std::string text;
    std::array<char, 4096> chunk{};
    while (const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
        text.append(chunk.data(), size);
        if (text.size() > limit)
            return Unreadable{"is larger than " + std::to_string(limit) + " bytes"};
    }
    if (std::ferror(file.get()) != 0)
        return failed();
    return text;
}

std::variant<std::string, Unreadable> read_secret_file(const std::filesystem::path& path) {
    constexpr std::size_t kLongest = 64 * 1024;
    auto read = read_text_file(path, kLongest);
    if (auto* const text = std::get_if<std::string>(&read)) {
        if (text->ends_with('\n'))
            text->pop_back();
        if (text->ends_with('\r'))
            text->pop_back();
    }
    return read;
}

} // namespace smsbcast::config
