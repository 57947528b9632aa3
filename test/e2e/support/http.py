"""A tiny HTTP client on one kept connection."""

import http.client
import json
import socket
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    headers: dict  # names in lower case
    body: bytes

    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status} {self.headers.get('content-type', '')} {self.body[:600].decode('utf-8', 'replace')}"


class Http:
    """Requests to one address. Any failure of the connection is raised as OSError; the next request connects anew, and
    a GET over a kept connection that had ended does so by itself."""

    def __init__(self, port, host="127.0.0.1", timeout=300, key=None):
        self.host, self.port, self.timeout = host, port, timeout
        self.fields = {"Authorization": f"Bearer {key}"} if key else {}  # of every request
        self.connection = None
        self.connects = 0

    def request(self, method, path, body=None, headers=None):
        headers = {**self.fields, **(headers or {})}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        kept = self.connection is not None
        try:
            return self._exchange(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            # A kept connection may have been ended meanwhile, which says nothing about the server.
            if kept and method == "GET" and not isinstance(error, TimeoutError):
                return self.request(method, path, body, headers)
            raise ConnectionError(f"{method} {path}: {error!r}") from error

    def _exchange(self, method, path, body, headers):
        if self.connection is None or self.connection.sock is None:
            self.close()
            self.connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
            self.connection.connect()
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connects += 1
        self.connection.request(method, path, body=body, headers=headers)
        response = self.connection.getresponse()
        data = response.read()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, data)

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, path, body=None, headers=None):
        return self.request("POST", path, body, headers)

    def delete(self, path, headers=None):
        return self.request("DELETE", path, headers=headers)

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
