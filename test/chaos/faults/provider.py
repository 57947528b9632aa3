"""A provider that misbehaves, by the mock's own faults."""

from support.http import Http
from world import REFUSED_EVERY, SAME_KEY

from . import PROVIDER, fault


def _during(world, dice, hold, seconds=(2, 5, 10), **faults):
    """Through a client of its own: the tracks of faults run in different threads."""
    seconds = dice.choice(seconds)
    mock = Http(world.system.ports["mock-provider"])
    try:
        _check(mock.post("/_mock/faults", faults))
        hold(seconds)
    finally:
        mock.close()
        _check(mock.delete("/_mock/faults"))
        if world.policy != SAME_KEY:
            _check(mock.post("/_mock/faults", {"ignore_keys_rate": 1}))
        mock.close()
    return f"{faults} for {seconds} s"


def _check(answer):
    assert answer.status // 100 == 2, answer


@fault(PROVIDER)
def errors(world, dice, hold):
    return _during(world, dice, hold, error_rate=dice.choice((0.1, 0.5)), error_status=dice.choice((500, 502, 503)))


@fault(PROVIDER)
def account_refused(world, dice, hold):
    """Credentials that are not known any more, used-up credit, or nothing allowed: everybody is refused for a while."""
    return _during(world, dice, hold, (20,), error_rate=1, error_status=dice.choice((401, 402, 403)))


@fault(PROVIDER)
def number_refused(world, dice, hold):
    """Some numbers are refused whenever they come, the others are not."""
    return _during(world, dice, hold, refuse_every=REFUSED_EVERY, refuse_status=dice.choice((403, 404, 422)))


@fault(PROVIDER)
def throttled(world, dice, hold):
    return _during(world, dice, hold, throttle_rate=dice.choice((0.05, 0.5)), retry_after_s=1)


@fault(PROVIDER)
def resets(world, dice, hold):
    return _during(world, dice, hold, reset_before_rate=0.1, reset_after_rate=0.1)


@fault(PROVIDER)
def hangs(world, dice, hold):
    return _during(world, dice, hold, hang_rate=0.05)


@fault(PROVIDER)
def truncated(world, dice, hold):
    return _during(world, dice, hold, truncate_rate=0.2)


@fault(PROVIDER)
def slow(world, dice, hold):
    return _during(world, dice, hold, latency_ms=200, jitter_ms=500)


@fault(PROVIDER)
def late(world, dice, hold):
    """Answers that come after the worker gave them up."""
    return _during(world, dice, hold, latency_ms=2500, jitter_ms=1500)


@fault(PROVIDER)
def receipts_first(world, dice, hold):
    return _during(world, dice, hold, receipt_first_rate=1)


@fault(PROVIDER)
def receipts_confused(world, dice, hold):
    """Twice, out of order, some saying that it failed."""
    return _during(world, dice, hold, receipt_double_rate=0.5, receipt_shuffle_rate=0.5, receipt_failed_rate=0.1)


@fault(PROVIDER, policies=(SAME_KEY,))
def receipts_without_our_id(world, dice, hold):
    """Where no key brings a lost answer back, its receipt names an id that nobody can know: then nothing can match."""
    return _during(world, dice, hold, receipt_echo="provider_id", receipt_first_rate=0.3, receipt_double_rate=0.3)
