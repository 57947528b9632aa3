#include "app/unwritten_results.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using app::UnwrittenResults;
using Refusal = UnwrittenResults::Refusal;

namespace {

std::vector<MessageResult> results(int count) {
    std::vector<MessageResult> made;
    for (int i = 0; i < count; ++i) {
        made.emplace_back();
        made.back().verdict.attempts = i;
    }
    return made;
}

MessageResult full_of_text() {
    MessageResult result;
    result.verdict.step = NextStep::failed;
    result.verdict.attempts = 100'000;
    result.verdict.error = MessageError{std::string(200, 'c'), "rejected", "nul \0, \xFF and \xE2\x82\xAC"};
    result.provider_id = "p-1";
    result.references = {"p-1"};
    return result;
}

} // namespace

TEST_CASE("unwritten results: a batch that is taken leaves as a whole", "[app][results]") {
    UnwrittenResults unwritten;
    CHECK(unwritten.empty());
    unwritten.add({});
    CHECK(unwritten.empty());
    unwritten.add(results(5));
    CHECK(unwritten.next().size() == 5);
    CHECK(unwritten.take().size() == 5);
    CHECK(unwritten.empty());
}

TEST_CASE("unwritten results: the one that is refused is reduced, then alone", "[app][results]") {
    UnwrittenResults unwritten;
    unwritten.add(results(3));
    CHECK(unwritten.refused() == Refusal::split);
    REQUIRE(unwritten.next().size() == 1);
    CHECK(unwritten.refused() == Refusal::reduced);
    CHECK(unwritten.refused() == Refusal::alone);
    CHECK(unwritten.take().at(0).verdict.attempts == 0);
    CHECK(unwritten.take().size() == 2);
    CHECK(unwritten.empty());
    unwritten.add(results(1));
    CHECK(unwritten.refused() == Refusal::reduced);
    CHECK(unwritten.take().size() == 1); // recorded with less in it
    unwritten.add(results(1));
    CHECK(unwritten.refused() == Refusal::reduced); // not spent by the one before
}

TEST_CASE("unwritten results: what is reduced says the same in plain letters", "[app][results]") {
    const auto less = app::reduced(full_of_text());
    CHECK(less.verdict.step == NextStep::failed);
    CHECK(less.verdict.attempts == 32767);
    REQUIRE(less.verdict.error);
    CHECK(less.verdict.error->code == std::string(100, 'c'));
    CHECK(less.verdict.error->error_class == "rejected");
    CHECK(less.verdict.error->message.find_first_not_of("nul ,?and") == std::string::npos);
    CHECK(less.provider_id == "p-1");
    CHECK(less.references.empty());
    auto foreign = full_of_text();
    foreign.provider_id = "p-\xC3\xA4";
    CHECK_FALSE(app::reduced(foreign).provider_id);
}
