#include "adapters/postgres/database_url.hpp"

#include <catch2/catch.hpp>

using smsbcast::adapters::postgres::shown_address;

TEST_CASE("an address of a database is shown without what is nobody's business", "[postgres]") {
    CHECK(shown_address("postgres://me:hunter2@db:5433/sms?sslmode=disable&sslpassword=x") == "db:5433/sms");
    CHECK(shown_address("postgres://me@db/sms") == "db:5432/sms");
    CHECK(shown_address("postgres://db") == "db:5432");
    CHECK(shown_address("host=db password=hunter2 dbname=sms port=1") == "db:1/sms");
    CHECK(shown_address("hostaddr=10.0.0.1 dbname=sms") == "10.0.0.1:5432/sms");
    CHECK(shown_address("host=/run/postgresql dbname=sms") == "/run/postgresql:5432/sms");
    CHECK(shown_address("dbname=sms") == "the local socket:5432/sms");
    CHECK(shown_address("postgres://a:1,b:2,c/sms") == "a:1,b:2,c:5432/sms");
    CHECK(shown_address("host=a,b port=7 dbname=sms") == "a:7,b:7/sms");
    CHECK(shown_address("nosuch=hunter2").empty());
}
