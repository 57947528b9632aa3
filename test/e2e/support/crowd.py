"""Many clients at once, each with one request on a connection of its own, none of which tries twice."""

import resource
import select
import socket
import time

SECONDS = 300  # against hanging only


def exchange_all(port, requests, at_once):
    """Sends each request on a connection of its own, as fast as it goes: opens so many, and begins to send only then;
    whenever some are done, as many more. Returns one result a request, in order: the answer's status and head, or the
    error that came instead."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < at_once + 100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return _Crowd(port, requests, at_once).run()


class _Crowd:
    def __init__(self, port, requests, at_once):
        self.port, self.requests, self.at_once = port, requests, at_once
        self.results = [None] * len(requests)
        self.begun, self.open = 0, {}  # by descriptor: [socket, index, received]
        self.poll = select.epoll()

    def run(self):
        deadline = time.monotonic() + SECONDS
        while self.begun < len(self.requests) or self.open:
            assert time.monotonic() < deadline, f"{len(self.open)} of {len(self.requests)} clients still wait"
            while self.begun < len(self.requests) and len(self.open) < self.at_once:
                self._connect()
            for descriptor, event in self.poll.poll(1):
                self._step(descriptor, event)
        self.poll.close()
        return self.results

    def _connect(self):
        sock = socket.socket()
        sock.setblocking(False)
        # From several addresses, so that the ports of one are not used up.
        sock.bind((f"127.0.0.{2 + self.begun % 16}", 0))
        sock.connect_ex(("127.0.0.1", self.port))
        self.open[sock.fileno()] = [sock, self.begun, b""]
        self.poll.register(sock, select.EPOLLOUT)
        self.begun += 1

    def _step(self, descriptor, event):
        sock, index, received = self.open[descriptor]
        try:
            if event & select.EPOLLOUT:
                sock.send(self.requests[index])  # small ones: the socket takes it at once
                self.poll.modify(descriptor, select.EPOLLIN)
                return
            data = sock.recv(65536)
        except OSError as error:
            self._end(descriptor, error)
            return
        self.open[descriptor][2] = received + data
        if b"\r\n\r\n" in received + data:
            head = (received + data).partition(b"\r\n\r\n")[0].decode("latin-1").lower()
            self._end(descriptor, (int(head.split(" ")[1]), head))
        elif not data:
            self._end(descriptor, ConnectionError(f"ended after {received!r}"))

    def _end(self, descriptor, result):
        sock, index, _ = self.open.pop(descriptor)
        self.poll.unregister(descriptor)
        sock.close()
        self.results[index] = result
