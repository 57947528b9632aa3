"""What a provider of a test's own does with a request: replies, and behaviours that choose among them.

A behaviour is any callable that takes a Request and gives a Reply. It runs in the provider's process, where it may keep
a state of its own, and gets there by pickling: functions and objects of a module, no lambdas.
"""

import json
from dataclasses import dataclass, field
from typing import NamedTuple


class Request(NamedTuple):
    at: float         # seconds, of the provider's own clock
    number: int       # 1 for the first since the provider started
    path: str
    headers: dict     # names in lower case
    message_id: str   # these four: None when the body is none of ours
    to: str
    key: str
    webhook: str
    seen: int         # how many requests of this message there were, with this one
    taken: bool       # accepted before, under this key
    in_flight: int    # requests without an answer so far, with this one


@dataclass(frozen=True)
class Reply:
    """`body` goes out as it is; None: what the wire asks for. `raw`: the whole answer to the byte, instead of all that
    stands before it. `delay`: seconds before the answer. `then`: "keep" the connection, "close" it (without saying so in
    the answer), "reset" it; or "hang": no answer at all. `after`: seconds between the answer and that.
    `accepted`: whether the provider has taken the message; None: when the status is 2xx. `receipt`: the status that
    it posts, if the provider posts receipts at all."""

    status: int = 202
    body: object = None
    headers: tuple = ()  # of (name, value)
    raw: bytes = None
    delay: float = 0.0
    then: str = "keep"
    after: float = 0.0
    accepted: bool = None
    receipt: str = "delivered"

    @property
    def takes(self):
        return self.status // 100 == 2 if self.accepted is None else self.accepted


ACCEPT = Reply()


def refuse(status, sentence="", headers=()):
    """As most providers tell why: {"message": sentence}."""
    return Reply(status, json.dumps({"message": sentence}) if sentence else "", (("Content-Type", "application/json"),
                                                                                *headers))


def throttle(retry_after=None, status=429):
    """`retry_after`: the header's value, as a text; None: without it."""
    return refuse(status, "Too many requests", () if retry_after is None else (("Retry-After", retry_after),))


@dataclass
class Always:
    reply: Reply = ACCEPT

    def __call__(self, request):
        return self.reply


@dataclass
class ForNumbers:
    """One reply for some numbers, another one for all others."""

    numbers: frozenset
    reply: Reply
    others: Reply = ACCEPT

    def __call__(self, request):
        return self.reply if request.to in self.numbers else self.others


@dataclass
class FirstOfEvery:
    """One reply to the first request of every n-th message."""

    nth: int
    reply: Reply
    messages: int = 0

    def __call__(self, request):
        if request.seen > 1:
            return ACCEPT
        self.messages += 1
        return self.reply if self.messages % self.nth == 0 else ACCEPT


@dataclass
class TokenBucket:
    """Takes `rate` a second and `burst` at once, and throttles what comes beyond."""

    rate: float
    burst: float
    refusal: Reply = field(default_factory=throttle)
    tokens: float = None
    filled_at: float = 0.0

    def __call__(self, request):
        if self.tokens is None:
            self.tokens, self.filled_at = self.burst, request.at
        self.tokens = min(self.burst, self.tokens + (request.at - self.filled_at) * self.rate)
        self.filled_at = request.at
        if self.tokens < 1:
            return self.refusal
        self.tokens -= 1
        return ACCEPT


@dataclass
class Crowded:
    """Serves so many at a time within `service` seconds each, and is slower for everybody when there are more."""

    at_once: int
    service: float

    def __call__(self, request):
        crowd = max(1.0, request.in_flight / self.at_once)
        return Reply(delay=self.service * crowd**1.5)
