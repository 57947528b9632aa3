#include "smsbcast/config/mask.hpp"
#include "smsbcast/config/value.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace smsbcast::config;
using For = kind::Url::For;

namespace {

std::string why(For use, std::string_view text) {
    const auto parsed = parse(kind::Url{use}, text);
    const auto* refusal = std::get_if<Refusal>(&parsed);
    return refusal == nullptr ? "" : refusal->why;
}

} // namespace

TEST_CASE("config url: what each use takes", "[config]") {
    const std::vector<std::pair<For, std::string>> good{
        {For::database, "postgres://postgres:postgres@localhost:5432/sms?sslmode=disable"},
        {For::database, "postgresql://u@a:1,b:2/sms"},
        {For::database, "postgres:///sms?host=/run/postgresql"},
        {For::database, "host=db user=sms password='it\\'s us' dbname = sms"},
        {For::broker, "amqp://guest:guest@localhost:5672/"},
        {For::broker, "amqp://rabbit/vhost"},
        {For::provider, "http://localhost:9090"},
        {For::provider, "http://user:p%40ss@[::1]:9090/v1?x=1"},
        {For::webhook, "https://sms.example.org/dlr"},
        {For::webhook, "http://localhost:8081/dlr"},
    };
    for (const auto& [use, text] : good) {
        INFO(text);
        CHECK(why(use, text).empty());
    }
}

TEST_CASE("config url: what is refused, and why", "[config]") {
    CHECK(why(For::provider, "https://gate") == "https is not supported yet, must be an http:// URL");
    CHECK(why(For::broker, "amqps://rabbit") == "amqps is not supported yet, must be an amqp:// URL");
    CHECK(why(For::provider, "ftp://gate") == "has another scheme, must be an http:// URL");
    CHECK(why(For::provider, "HTTP://gate") == "has another scheme, must be an http:// URL");
    CHECK(why(For::broker, "http://rabbit") == "has another scheme, must be an amqp:// URL");
    CHECK(why(For::webhook, "amqp://x") == "has another scheme, must be an http:// or https:// URL");
    CHECK(why(For::webhook, "localhost:8081") == "is not a URL, must be an http:// or https:// URL");
    CHECK(why(For::provider, "http://a b") == "holds a space, must be an http:// URL");
    for (const std::string_view text : {"http://", "http:///send", "http://:80", "http://gate:0", "http://gate:65536",
                                        "http://gate:", "http://gate:x", "http://u:p@/"})
        CHECK(why(For::provider, text) == "has no valid host and port, must be an http:// URL");
    for (const std::string_view text :
         {"mysql://db", "sms", "host", "host='open", "=db", "host = 'x' y", "Host=db", "://db", "s3://u:pw=x@h"})
        CHECK_FALSE(why(For::database, text).empty());
}

TEST_CASE("config url: a '%' that begins nothing is refused", "[config]") {
    for (const std::string_view text : {"postgres://u:100%secret@host/db", "postgres://u:p%@host/db",
                                        "amqp://u:p%4@rabbit/", "http://gate/%zz", "postgres://host/db%"})
        for (const auto use : {For::database, For::broker, For::provider})
            if (text.starts_with(use == For::database ? "post" : use == For::broker ? "amqp" : "http"))
                CHECK(why(use, text) ==
                      "holds a '%' that is not followed by two hexadecimal digits; write %25 for '%' itself");
    CHECK(why(For::database, "postgres://u:100%25secret@host/db").empty());
}

TEST_CASE("config url: an '@' that would hide where the password ends is refused", "[config]") {
    for (const std::string_view text : {"amqp://u:p@ss@rabbit/", "amqp://u:12/ss@rabbit/", "amqp://u:12?s@rabbit/",
                                        "amqp://u:12#s@rabbit/", "amqp://rabbit/v@host"})
        CHECK(why(For::broker, text)
                  .starts_with("holds an '@' in the wrong place; in a user name or password write %40"));
}

TEST_CASE("config url: the password is masked and the rest is shown", "[config]") {
    const std::vector<std::pair<std::string, std::string>> table{
        {"postgres://sms:pw@db:5432/sms?sslmode=disable", "postgres://sms:***@db:5432/sms?sslmode=disable"},
        {"postgres://sms@db/sms", "postgres://sms@db/sms"},
        {"postgres://db/sms?user=a&password=pw&sslmode=off", "postgres://db/sms?user=a&password=***&sslmode=off"},
        {"postgres://db/sms?sslpassword=pw", "postgres://db/sms?sslpassword=***"},
        {"postgres://db/sms?p%61ssword=pw", "postgres://db/sms?p%61ssword=***"},
        {"postgres://db/sms?options=-c%20a.key%3Dpw&sslmode=off", "postgres://db/sms?options=***&sslmode=off"},
        {"amqp://guest:@rabbit/", "amqp://guest:***@rabbit/"},
        {"amqp://rabbit/v?x=pw&heartbeat=5&Heartbeat=pw", "amqp://rabbit/v?x=***&heartbeat=5&Heartbeat=***"},
        {"amqps://rabbit/v?verify=verify_peer&cacertfile=pw", "amqps://rabbit/v?verify=verify_peer&cacertfile=***"},
        {"amqp://:pw@rabbit", "amqp://:***@rabbit"},
        {"http://gate:9090/send?api_key=pw&from=ACME", "http://gate:9090/send?api_key=***&from=***"},
        {"http://gate:9090/send?Access-Token=pw", "http://gate:9090/send?Access-Token=***"},
        {"http://gate/?flag&x=1", "http://gate/?flag&x=***"},
        {"http://[::1]:9090", "http://[::1]:9090"},
        {"http://token@gate/x", "http://***@gate/x"},
        {"host=db password=pw user=sms", "host=db password=*** user=sms"},
        {"host=db password = 'p w' user=sms", "host=db password = *** user=sms"},
        {"host=db password='it\\'s pw' user=sms", "host=db password=*** user=sms"},
        {"password=p\\ w host=db", "password=*** host=db"},
        {"password=pw", "password=***"},
        {"host=db options='-c a.key=pw' user=sms", "host=db options=*** user=sms"},
        {"host=db", "host=db"},
    };
    for (const auto& [text, masked] : table)
        CHECK(mask_password(text) == masked);
}

TEST_CASE("config url: what cannot be read is masked as a whole", "[config]") {
    CHECK(mask_password("pw") == "***");
    CHECK(mask_password("s3://u:pw@h") == "***");
    CHECK(mask_password("host=db password='pw") == "***");
    CHECK(mask_password("amqp://u:1/pw@rabbit/v") == "amqp://***@rabbit/v");
    CHECK(mask_password("amqp://u:p@w@rabbit/v") == "amqp://u:***@rabbit/v");
    CHECK(mask_password("").empty());
}
