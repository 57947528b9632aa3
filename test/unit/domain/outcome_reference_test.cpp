#include "smsbcast/domain/submit_outcome.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>

using namespace smsbcast;

namespace {

/// What docs/providers.md says of each status, as the name of the outcome. A row may say it of a status once.
std::map<int, std::string> documented() {
    std::ifstream file(SMSBCAST_SOURCE_DIR "/docs/providers.md");
    REQUIRE(file);
    const std::regex row("\\| ([0-9][^|]*) \\| `([a-z_]+)` \\|.*"), range("([0-9]{3})(?:–([0-9]{3}))?");
    std::map<int, std::string> outcomes;
    for (std::string line; std::getline(file, line);) {
        std::smatch cells;
        if (!std::regex_match(line, cells, row))
            continue;
        const std::string statuses = cells[1], outcome = cells[2];
        for (std::sregex_iterator at(statuses.begin(), statuses.end(), range), end; at != end; ++at) {
            const int first = std::stoi((*at)[1]), last = (*at)[2].matched ? std::stoi((*at)[2]) : first;
            for (int status = first; status <= last; ++status)
                CHECK((outcomes.emplace(status, outcome).second || outcome == "unidentified"));
        }
    }
    return outcomes;
}

} // namespace

TEST_CASE("the documentation tells of each status what the table says", "[domain][outcome]") {
    const auto outcomes = documented();
    CHECK(outcomes.size() == 500);
    for (const auto& [status, outcome] : outcomes) {
        HttpAnswer answer;
        answer.status = status;
        answer.provider_id = "p1";
        CAPTURE(status);
        CHECK(outcome_class(classify(answer)) == outcome);
    }
}
