"""The network between the processes, by the proxy."""

from . import NETWORK, fault


def _edge(world, dice):
    return dice.choice(sorted(world.edges))


def _during(world, dice, hold, name, value, seconds, edge=None):
    edge = edge or _edge(world, dice)
    world.proxy.fault(edge, name, value)
    try:
        hold(seconds)
    finally:
        world.proxy.heal(edge)
    return f"{edge}: {name} {value if value is not None else ''} for {seconds} s".replace("  ", " ")


@fault(NETWORK)
def latency(world, dice, hold):
    return _during(world, dice, hold, "latency", dice.choice((5, 50, 300)), dice.choice((2, 6)))


@fault(NETWORK)
def blackhole(world, dice, hold):
    """Nothing comes through, and nobody is told: both ways, or one."""
    return _during(world, dice, hold, "blackhole", dice.choice(("both", "up", "down")), dice.choice((1, 4, 8)))


@fault(NETWORK)
def reset(world, dice, hold):
    return _during(world, dice, hold, "reset", None, 0)


@fault(NETWORK)
def cut(world, dice, hold):
    """After so many bytes more, in the middle of whatever it is, the connection is reset."""
    value = {"direction": dice.choice(("up", "down")), "bytes": int(dice.choice((1, 100, 10_000, 200_000)) * dice.random())}
    return _during(world, dice, hold, "cut", value, 2)


@fault(NETWORK)
def half_open(world, dice, hold):
    """One side believes in a connection that the other one has lost."""
    return _during(world, dice, hold, "half_open", None, dice.choice((2, 8)))


@fault(NETWORK)
def refuse(world, dice, hold):
    return _during(world, dice, hold, "refuse", None, dice.choice((1, 5)))


@fault(NETWORK)
def provider_closes_silently(world, dice, hold):
    """It ends each connection after its answer, without a word."""
    return _during(world, dice, hold, "close_after_answer", None, dice.choice((5, 15)), "provider")


@fault(NETWORK)
def connection_per_receipt(world, dice, hold):
    """Each receipt comes on a connection of its own."""
    return _during(world, dice, hold, "close_after_answer", None, dice.choice((5, 15)), "dlr")
