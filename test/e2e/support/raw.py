"""A bare socket, for requests that an HTTP library does not send."""

import socket

from .http import Answer


class RawConnection:
    def __init__(self, port, host="127.0.0.1", timeout=300):
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def receive(self):
        """The next answer, interim ones (100) included."""
        head = self._until(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        bodyless = status // 100 == 1 or status in (204, 304)
        body = b"" if bodyless else self._exactly(int(headers.get("content-length", 0)))
        return Answer(status, headers, body)

    def is_closed(self):
        """True when the other side ended the connection (waits for it up to the timeout)."""
        try:
            return self.unread == b"" and self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def _until(self, end):
        while end not in self.unread:
            self._more()
        head, _, self.unread = self.unread.partition(end)
        return head

    def _exactly(self, size):
        while len(self.unread) < size:
            self._more()
        body, self.unread = self.unread[:size], self.unread[size:]
        return body

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError(f"the connection ended after {self.unread[:200]!r}")
        self.unread += data


def request_bytes(method, path, body=b"", headers=()):
    """One request with exactly these headers besides Host and, where there is a body, Content-Length."""
    names = [name.lower() for name, _ in headers]
    lines = [f"{method} {path} HTTP/1.1", "Host: test"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body and "content-length" not in names and "transfer-encoding" not in names:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
