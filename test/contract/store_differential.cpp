#include "store_cases.hpp"
#include "store_steps.hpp"

#include <catch2/catch.hpp>

#include <charconv>
#include <cstdlib>

// Random calls of a store and of the model: after each of them both hold the same. By hand, any number of them:
// SMSBCAST_DIFFERENTIAL_STEPS=100000 SMSBCAST_DIFFERENTIAL_SEED=7.

namespace smsbcast::test {

namespace {

constexpr std::size_t kStepsInAll = 2'400;
constexpr std::size_t kStepsOfAWalk = 120;
constexpr std::uint32_t kSeed = 20'261'128;

template <class Number>
Number from_environment(const char* name, Number otherwise) {
    const char* const text = std::getenv(name);
    if (!text)
        return otherwise;
    const std::string_view given(text);
    std::from_chars(given.data(), given.data() + given.size(), otherwise);
    return otherwise;
}

struct Failure {
    std::size_t after; ///< so many steps that went well
    std::string what;
};

std::optional<Failure> walk(StoreFixture& fixture, const std::vector<StoreStep>& steps) {
    StoreWalk walk(fixture);
    for (std::size_t at = 0; at < steps.size(); ++at)
        if (const auto differs = walk.take(steps[at]))
            return Failure{at, *differs};
    return std::nullopt;
}

// Leaves out ever smaller parts of the steps, as long as it fails without them (Zeller's ddmin, with halves alone).
std::vector<StoreStep> shortest(StoreFixture& fixture, std::vector<StoreStep> steps) {
    for (auto part = steps.size() / 2; part > 0; part /= 2) {
        for (std::size_t begin = 0; begin + part <= steps.size();) {
            auto fewer = steps;
            const auto from = fewer.begin() + static_cast<std::ptrdiff_t>(begin);
            fewer.erase(from, from + static_cast<std::ptrdiff_t>(part));
            const auto failure = walk(fixture, fewer);
            if (!failure) {
                begin += part;
                continue;
            }
            fewer.resize(failure->after + 1);
            steps = std::move(fewer);
        }
    }
    return steps;
}

void explain(StoreFixture& fixture, std::vector<StoreStep> steps) {
    steps = shortest(fixture, std::move(steps));
    std::string told;
    for (const auto& step : steps)
        told += std::string("\n  ") + StoreWalk::kinds().at(step.kind).name + " " + std::to_string(step.seed);
    const auto failure = walk(fixture, steps);
    FAIL_CHECK("The shortest sequence of steps that fails:" << told << "\n"
                                                            << (failure ? failure->what : "It did not fail again."));
}

void the_same_as_in_the_model(StoreFixture& fixture) {
    const auto seed = from_environment("SMSBCAST_DIFFERENTIAL_SEED", kSeed);
    const auto in_all = from_environment("SMSBCAST_DIFFERENTIAL_STEPS", kStepsInAll);
    std::mt19937 random(seed);
    for (std::size_t done = 0; done < in_all; done += kStepsOfAWalk) {
        CAPTURE(seed, done);
        auto steps = random_steps(random, kStepsOfAWalk);
        const auto failure = walk(fixture, steps);
        CHECK_FALSE(failure.has_value());
        if (!failure)
            continue;
        steps.resize(failure->after + 1);
        explain(fixture, std::move(steps));
        return;
    }
}

constexpr StoreCase kDifferentialCases[] = {
    {"random calls leave it as they leave the model", the_same_as_in_the_model},
};

} // namespace

std::span<const StoreCase> store_differential_cases() {
    return kDifferentialCases;
}

} // namespace smsbcast::test
