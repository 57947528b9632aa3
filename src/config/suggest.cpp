#include "smsbcast/config/suggest.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace smsbcast::config {
namespace {

std::string lowered(std::string_view text) {
    std::string result{text};
    for (char& c : result)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

/// Optimal string alignment: Levenshtein's distance, where a swap of neighbours is one edit.
std::size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::vector<std::size_t>> edits(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                edits[i][j] = i + j;
                continue;
            }
            const std::size_t replace = edits[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            edits[i][j] = std::min({edits[i - 1][j] + 1, edits[i][j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                edits[i][j] = std::min(edits[i][j], edits[i - 2][j - 2] + 1);
        }
    }
    return edits[a.size()][b.size()];
}

} // namespace

std::optional<std::string_view> suggest(std::string_view given, std::span<const std::string_view> words) {
    constexpr std::size_t kLongest = 100; // no key is that long, and the work grows with the square
    if (given.size() > kLongest)
        return std::nullopt;
    std::optional<std::string_view> best;
    std::size_t fewest = given.size() / 3 + 1;
    for (const std::string_view word : words) {
        const std::size_t edits = distance(lowered(given), lowered(word));
        if (edits < fewest) {
            fewest = edits;
            best = word;
        }
    }
    return best;
}

} // namespace smsbcast::config
