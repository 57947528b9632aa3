#include "smsbcast/config/secret.hpp"

#include <string_view>

namespace smsbcast::config {

std::vector<std::string> split_secrets(const Secret& secrets) {
    constexpr std::string_view kBlanks = " \t\r\n";
    std::vector<std::string> found;
    std::string_view text = secrets.reveal();
    while (!text.empty()) {
        auto one = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        one.remove_prefix(std::min(one.find_first_not_of(kBlanks), one.size()));
        one = one.substr(0, one.find_last_not_of(kBlanks) + 1);
        if (!one.empty())
            found.emplace_back(one);
    }
    return found;
}

} // namespace smsbcast::config
