#include "rabbit_fixture.hpp"

namespace smsbcast::test::queue {

TEST_CASE("rabbitmq keeps the contract of the message queue") {
    exercise_message_queue([] { return std::make_unique<RabbitFixture>(); });
}

} // namespace smsbcast::test::queue
