#pragma once

#include "gate.hpp"
#include "rabbit_fixture.hpp"

namespace smsbcast::test::queue {

/// Reaches the broker through a gate.
struct GateFixture : RabbitFixture {
    GateFixture() { params.url = amqp_url_through(gate.port()); }
    Gate gate{amqp_port()};
};

} // namespace smsbcast::test::queue
