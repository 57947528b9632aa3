#include "smsbcast/domain/phone_number.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;

namespace {

std::optional<PhoneError> error_of(std::string_view text) {
    const auto parsed = PhoneNumber::parse(text);
    const auto* const error = std::get_if<PhoneError>(&parsed);
    return error ? std::optional(*error) : std::nullopt;
}

} // namespace

TEST_CASE("numbers of every length and of many countries are taken and give their text back", "[domain][phone]") {
    for (const auto* text :
         {"+66812345678", "+12025550123", "+4915123456789", "+77012345678", "+351912345678", "+290123456", "+12345678",
          "+6834002", "+6904567", "+29022222", "+50051234", "+123456789012345", "+8801712345678", "+998901234567"}) {
        const auto parsed = PhoneNumber::parse(text);
        REQUIRE(std::holds_alternative<PhoneNumber>(parsed));
        CHECK(std::get<PhoneNumber>(parsed).text() == text);
        CHECK(PhoneNumber::from_digits(std::get<PhoneNumber>(parsed).digits()) == std::get<PhoneNumber>(parsed));
    }
}

TEST_CASE("each way to be wrong has its own reason", "[domain][phone]") {
    CHECK(error_of("") == PhoneError::empty);
    CHECK(error_of("66812345678") == PhoneError::missing_plus);
    CHECK(error_of(" +66812345678") == PhoneError::missing_plus);
    CHECK(error_of("+66 812345678") == PhoneError::not_a_digit);
    CHECK(error_of("+66-812345678") == PhoneError::not_a_digit);
    CHECK(error_of("+6681234567a") == PhoneError::not_a_digit);
    CHECK(error_of("+66812345678\n") == PhoneError::not_a_digit);
    CHECK(error_of("++66812345678") == PhoneError::not_a_digit);
    CHECK(error_of("+٦٦٨١٢٣٤٥٦٧٨") == PhoneError::not_a_digit);
    CHECK(error_of("+") == PhoneError::too_short);
    CHECK(error_of("+123456") == PhoneError::too_short);
    CHECK(error_of("+1234567890123456") == PhoneError::too_long);
    CHECK(error_of("+0812345678") == PhoneError::unknown_country_code);
    CHECK(error_of("+99912345678") == PhoneError::unknown_country_code);
    CHECK(error_of("+21012345678") == PhoneError::unknown_country_code);
}

TEST_CASE("invisible letters around a number do no harm, and between digits they are named", "[domain][phone]") {
    for (const auto* letter : {"\u200b", "\u200d", "\u200e", "\u202a", "\u202c", "\u2060", "\u2066", "\ufeff", "\u00a0",
                               "\u00ad", "\u202f", "\u3000"}) {
        INFO(letter);
        const std::string mark(letter);
        for (const auto& text : {mark + "+66812345678", "+66812345678" + mark, mark + mark + "+66812345678" + mark}) {
            const auto parsed = PhoneNumber::parse(text);
            REQUIRE(std::holds_alternative<PhoneNumber>(parsed));
            CHECK(std::get<PhoneNumber>(parsed).digits() == 66812345678);
        }
        CHECK(error_of("+668" + mark + "12345678") == PhoneError::invisible_character);
        CHECK(error_of("+" + mark + "66812345678") == PhoneError::invisible_character);
        CHECK(error_of(mark + "66812345678") == PhoneError::missing_plus);
        CHECK(error_of(mark) == PhoneError::empty);
        CHECK(error_of(mark + "+123" + mark) == PhoneError::too_short);
    }
    CHECK(error_of("+6681234567\xe2\x80") == PhoneError::not_a_digit); // half of one
}

TEST_CASE("a very long text is no trouble", "[domain][phone]") {
    CHECK(error_of("+" + std::string(1'000'000, '1')) == PhoneError::too_long);
}

TEST_CASE("the masked form shows at most three digits at each end, and hides four", "[domain][phone]") {
    CHECK(PhoneNumber::from_digits(66812345678).masked() == "+668•••••678");
    CHECK(PhoneNumber::from_digits(1234567890).masked() == "+123••••890");
    CHECK(PhoneNumber::from_digits(123456789).masked() == "+123••••89");
    CHECK(PhoneNumber::from_digits(12345678).masked() == "+123••••8");
    CHECK(PhoneNumber::from_digits(6834002).masked() == "+683••••");
    CHECK(PhoneNumber::from_digits(123).masked() == "+•••");
}

TEST_CASE("each reason has a word and a sentence", "[domain][phone]") {
    for (const auto error :
         {PhoneError::empty, PhoneError::missing_plus, PhoneError::not_a_digit, PhoneError::invisible_character,
          PhoneError::too_short, PhoneError::too_long, PhoneError::unknown_country_code}) {
        CHECK_FALSE(code(error).empty());
        CHECK(message(error).size() > 10);
    }
}
