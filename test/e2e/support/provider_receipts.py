"""The receipts that a provider of a test's own posts (support/provider.py): once each, never again."""

import asyncio
import json
from collections import deque
from urllib.parse import urlsplit


class _Connection(asyncio.Protocol):
    """Posts one receipt after another, and writes down what became of each."""

    def __init__(self, receipts):
        self.receipts = receipts
        self.transport = self.current = None
        self.unread = b""

    def connection_made(self, transport):
        self.transport = transport

    def post(self, receipt):
        self.current, self.unread = receipt, b""
        self.transport.write(receipt.request)

    def data_received(self, data):
        self.unread += data
        head, end, rest = self.unread.partition(b"\r\n\r\n")
        if not end or self.current is None:
            return
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        if len(rest) >= length:
            self._end(int(head.split(b" ")[1]))

    def connection_lost(self, error):
        if self.current is not None:
            self._end(repr(error) if error else "closed")
        self.receipts.gone(self)

    def _end(self, outcome):
        receipt, self.current = self.current, None
        self.receipts.ended(self, receipt, outcome)


class _Receipt:
    def __init__(self, webhook, provider_id, status):
        url = urlsplit(webhook)
        self.provider_id, self.address = provider_id, (url.hostname, url.port or 80)
        body = json.dumps({"provider_id": provider_id, "status": status})
        target = url.path + (f"?{url.query}" if url.query else "")
        self.request = (f"POST {target} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: application/json\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


class Receipts:
    """`how`: "none"; "kept", over `connections` that stay open; or "each", over a connection of its own for each, as many
    at once as there are. `delay`: seconds after the answer."""

    def __init__(self, loop, how="none", delay=0.0, connections=32):
        self.loop = loop
        self.rows = []       # (provider id, status of the answer or what went wrong)
        self.waiting = deque()
        self.idle = []
        self.open = self.later = 0
        self.tasks = set()
        self.configure(how, delay, connections)

    def configure(self, how, delay=0.0, connections=32):
        self.how, self.delay, self.connections = how, delay, connections

    def left(self):
        """How many have no outcome so far."""
        return self.later + len(self.waiting) + self.open - len(self.idle)

    def after_answer(self, answer_delay, webhook, provider_id, status):
        if self.how == "none" or not webhook or not status:
            return
        self.later += 1
        self.loop.call_later(answer_delay + self.delay, self._post, _Receipt(webhook, provider_id, status))

    def _post(self, receipt):
        self.later -= 1
        self.waiting.append(receipt)
        self._move()

    def _move(self):
        while self.waiting and self.idle:
            self.idle.pop().post(self.waiting.popleft())
        while self.waiting and (self.how == "each" or self.open < self.connections):
            self.open += 1
            task = self.loop.create_task(self._connect(self.waiting.popleft()))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _connect(self, receipt):
        try:
            _, connection = await self.loop.create_connection(lambda: _Connection(self), *receipt.address)
        except OSError as error:
            self.rows.append((receipt.provider_id, repr(error)))
            self.open -= 1
            self._move()
            return
        connection.post(receipt)

    def ended(self, connection, receipt, outcome):
        self.rows.append((receipt.provider_id, outcome))
        if self.how == "each" or connection.transport.is_closing():
            connection.transport.close()
            return
        self.idle.append(connection)
        self._move()

    def gone(self, connection):
        if connection in self.idle:
            self.idle.remove(connection)
        self.open -= 1
        self._move()
