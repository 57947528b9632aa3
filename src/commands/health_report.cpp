#include "health_report.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace smsbcast::commands {

namespace json = boost::json;

namespace {

std::string text_of(const json::value* value) {
    const auto* text = value ? value->if_string() : nullptr;
    return text ? std::string(text->data(), text->size()) : std::string();
}

std::string line(std::string_view state, std::string_view role, const HealthAnswer& answer) {
    return fmt::format("{:<10} {:<14} {}{}{}", state, role, answer.address, answer.words.empty() ? "" : "  ",
                       answer.words);
}

} // namespace

void read_health(const std::string& body, HealthAnswer& answer) {
    boost::system::error_code error;
    const auto document = json::parse(body, error);
    const auto* object = error ? nullptr : document.if_object();
    if (!object)
        return;
    answer.role = text_of(object->if_contains("role"));
    const auto* process = object->if_contains("process");
    if (const auto* roles = process ? process->if_array() : nullptr)
        for (const auto& role : *roles)
            answer.process.push_back(text_of(&role));
}

HealthReport judge(const std::vector<HealthAnswer>& answers) {
    std::set<std::string> there, wanted;
    HealthReport report;
    report.healthy = true;
    for (const auto& answer : answers) {
        if (answer.role.empty())
            continue;
        there.insert(answer.role);
        wanted.insert(answer.process.begin(), answer.process.end());
        report.healthy = report.healthy && answer.ready;
        report.lines.push_back(line(answer.ready ? "ready" : "not_ready", answer.role, answer));
    }
    for (const auto& answer : answers)
        if (answer.role.empty() && wanted.contains(answer.expected) && !there.contains(answer.expected))
            report.lines.push_back(line("no_answer", answer.expected, answer));
    report.healthy = report.healthy && !there.empty() && std::ranges::includes(there, wanted);
    if (there.empty())
        for (const auto& answer : answers)
            report.lines.push_back(line("no_answer", answer.expected, answer));
    return report;
}

} // namespace smsbcast::commands
