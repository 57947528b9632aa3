"""The process of a provider (support/provider.py): takes requests, does as its behaviour says, writes all of it down."""

import asyncio
import json
import os
import resource
import signal
import socket
import struct
from collections import Counter
from dataclasses import replace

from .provider_receipts import Receipts
from .provider_replies import Request

_REASONS = {200: "OK", 202: "Accepted", 204: "No Content", 429: "Too Many Requests", 503: "Service Unavailable"}
_BODYLESS = (204, 304)


def abort(transport):
    """Ends a connection with a RST."""
    end = transport.get_extra_info("socket")
    if end is not None:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class _Connection(asyncio.Protocol):
    """One request at a time; what comes meanwhile waits."""

    def __init__(self, server):
        self.server = server
        self.unread = b""
        self.busy = self.ending = False

    def connection_made(self, transport):
        self.transport = transport
        self.server.connections.add(self)

    def connection_lost(self, _):
        self.server.connections.discard(self)
        self._done()

    def data_received(self, data):
        self.unread += data
        self._go_on()

    def _go_on(self):
        while not self.busy and not self.ending and self._take_one():
            pass

    def _take_one(self):
        """Whether a whole request was there."""
        head, end, rest = self.unread.partition(b"\r\n\r\n")
        if not end:
            return False
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return False
        body, self.unread = rest[:length], rest[length:]
        self.busy = True
        reply = self.server.take(lines[0].split(" ")[1], headers, body)
        if reply.delay and reply.then != "hang":
            self.server.loop.call_later(reply.delay, self._answer_later, reply)
        elif reply.then != "hang":
            self._answer(reply)
        return True

    def _answer_later(self, reply):
        self._answer(reply)
        self._go_on()

    def _done(self):
        if self.busy:
            self.busy = False
            self.server.in_flight -= 1

    def _answer(self, reply):
        if self.transport.is_closing():
            return
        self._done()
        self.transport.write(reply.raw if reply.raw is not None else _answer_bytes(reply))
        if reply.then == "keep":
            return
        self.ending = not reply.after
        end = self.transport.close if reply.then == "close" else lambda: abort(self.transport)
        if reply.after:
            self.server.loop.call_later(reply.after, end)
        else:
            end()


def _answer_bytes(reply):
    body = reply.body.encode() if isinstance(reply.body, str) else reply.body
    lines = [f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Whatever')}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    if reply.status in _BODYLESS:
        body = b""
    else:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class _Server:
    def __init__(self, loop, behaviour, receipts):
        self.loop, self.behaviour, self.receipts = loop, behaviour, receipts
        self.connections = set()
        self.in_flight = 0
        self.requests = 0
        self.forget()

    def forget(self):
        self.rows = []            # as in provider.Seen, as plain tuples
        self.seen = Counter()     # requests by message
        self.accepted = {}        # provider id by key
        self.most_in_flight = {}  # by tenth of a second

    def take(self, path, headers, body):
        """The reply to a request, with its body filled in, after everything has been noted."""
        now = self.loop.time()
        self.requests += 1
        self.in_flight += 1
        tenth = int(now * 10)
        self.most_in_flight[tenth] = max(self.most_in_flight.get(tenth, 0), self.in_flight)
        try:
            document = json.loads(body)
            message_id, to, webhook = document["message_id"], document["to"], document.get("dlr_webhook_url")
        except (ValueError, TypeError, KeyError):
            message_id = to = webhook = None
        key = headers.get("idempotency-key")
        self.seen[message_id] += 1
        taken = key is not None and key in self.accepted
        request = Request(now, self.requests, path, headers, message_id, to, key, webhook, self.seen[message_id], taken,
                          self.in_flight)
        reply = self.behaviour(request)
        self.rows.append((now, path, message_id, to, key, "hang" if reply.then == "hang" else reply.status,
                          reply.takes and not taken))
        return self._filled(reply, request)

    def _filled(self, reply, request):
        provider_id = self.accepted[request.key] if request.taken else f"p-{os.getpid()}-{request.number}"
        if reply.takes and not request.taken:
            self.accepted[request.key] = provider_id
            self.receipts.after_answer(reply.delay, request.webhook, provider_id, reply.receipt)
        if reply.body is None and reply.raw is None:
            return replace(reply, body=json.dumps({"provider_id": provider_id}))
        return reply


def serve(pipe, behaviour, receipt_options):
    """Until the other end of the pipe is closed. What comes through it: (name, arguments), each with an answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it says when it ends
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_serve(pipe, behaviour, receipt_options))


async def _serve(pipe, behaviour, receipt_options):
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    server = _Server(loop, behaviour, Receipts(loop, **receipt_options))
    listening = await loop.create_server(lambda: _Connection(server), "127.0.0.1", 0, backlog=4096)
    pipe.send(listening.sockets[0].getsockname()[1])

    def behave(new):
        server.behaviour = new

    def forget():
        server.forget()
        server.receipts.rows = []

    commands = {"behave": behave, "forget": forget, "requests": lambda: server.rows,
                "receipts": lambda: server.receipts.rows, "receipts_left": server.receipts.left,
                "in_flight": lambda: (loop.time(), server.most_in_flight),
                "receive": lambda **options: server.receipts.configure(**options)}

    def obey():
        try:
            name, arguments, options = pipe.recv()
        except EOFError:
            over.set()
            return
        try:
            pipe.send((True, commands[name](*arguments, **options)))
        except Exception as error:  # told to whoever asked
            pipe.send((False, repr(error)))

    loop.add_reader(pipe.fileno(), obey)
    await over.wait()
    loop.remove_reader(pipe.fileno())
    os._exit(0)  # connections of whatever state end with it
