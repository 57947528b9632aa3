#include "unwritten_results.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>

namespace smsbcast::app {

namespace {

constexpr std::size_t kShort = 100;

bool is_plain(char c) {
    return c >= ' ' && c <= '~';
}

std::string plain(std::string_view text) {
    std::string kept(text.substr(0, kShort));
    std::replace_if(
        kept.begin(), kept.end(), [](char c) { return !is_plain(c); }, '?');
    return kept;
}

} // namespace

// A provider id that had to be changed is another one, so it is left out.
MessageResult reduced(MessageResult result) {
    auto& verdict = result.verdict;
    verdict.attempts = std::clamp<int>(verdict.attempts, 0, std::numeric_limits<std::int16_t>::max());
    if (verdict.error)
        verdict.error =
            MessageError{plain(verdict.error->code), plain(verdict.error->error_class), plain(verdict.error->message)};
    if (result.provider_id && plain(*result.provider_id) != *result.provider_id)
        result.provider_id.reset();
    result.references.clear();
    return result;
}

void UnwrittenResults::add(std::vector<MessageResult> results) {
    results_ = std::move(results);
    parts_ = Bisection(results_.size());
}

std::vector<MessageResult> UnwrittenResults::next() const {
    const auto [begin, end] = parts_.next();
    return {results_.begin() + static_cast<std::ptrdiff_t>(begin), results_.begin() + static_cast<std::ptrdiff_t>(end)};
}

std::vector<MessageResult> UnwrittenResults::take() {
    const auto [begin, end] = parts_.next();
    std::vector<MessageResult> taken(std::make_move_iterator(results_.begin() + static_cast<std::ptrdiff_t>(begin)),
                                     std::make_move_iterator(results_.begin() + static_cast<std::ptrdiff_t>(end)));
    parts_.passed();
    reduced_ = false;
    return taken;
}

UnwrittenResults::Refusal UnwrittenResults::refused() {
    const auto row = parts_.refused();
    if (!row)
        return Refusal::split;
    if (reduced_)
        return Refusal::alone;
    results_[*row] = reduced(std::move(results_[*row]));
    reduced_ = true;
    return Refusal::reduced;
}

} // namespace smsbcast::app
